# What is watched, where predictions go, who may call the model by SQL, and how a release gets to the services.
mock_provider "google" {
  source = "./tests/mocks"

  mock_resource "google_monitoring_alert_policy" {
    defaults = { name = "projects/churn-test/alertPolicies/1" }
  }
  mock_resource "google_bigquery_connection" {
    defaults = {
      name           = "projects/churn-test/locations/eu/connections/churn-predict"
      cloud_resource = { service_account_id = "bqcx-1@gcp-sa-bigquery-condel.iam.gserviceaccount.com" }
    }
  }
  mock_resource "google_logging_project_sink" {
    defaults = { writer_identity = "serviceAccount:service-123456789012@gcp-sa-logging.iam.gserviceaccount.com" }
  }
  mock_resource "google_cloud_run_v2_service" {
    defaults = { uri = "https://churn-abc-ew.a.run.app" }
  }
  mock_resource "google_bigquery_dataset" {
    defaults = { id = "projects/churn-test/datasets/churn_predictions" }
  }
}

override_resource {
  target = google_monitoring_alert_policy.burn["canary-burn"]
  values = { name = "projects/churn-test/alertPolicies/canary" }
}

variables {
  project           = "churn-test"
  source_repository = { repository = "projects/churn-test/locations/europe-west1/connections/github/repositories/churn" }
}

run "what_is_promised" {
  assert {
    condition     = google_monitoring_slo.availability.goal == 0.9995 && google_monitoring_slo.availability.rolling_period_days == 28
    error_message = "99.95 % over 28 days"
  }
  assert {
    condition     = google_monitoring_slo.latency.goal == 0.99 && google_monitoring_slo.latency.request_based_sli[0].distribution_cut[0].range[0].max == 100
    error_message = "99 % within 100 ms"
  }
  assert {
    condition     = strcontains(google_monitoring_slo.availability.request_based_sli[0].good_total_ratio[0].bad_service_filter, "response_code_class=\"5xx\"") && !strcontains(google_monitoring_slo.availability.request_based_sli[0].good_total_ratio[0].total_service_filter, "5xx")
    error_message = "failures are answers of class 5xx, out of all"
  }
}

run "who_hears" {
  variables {
    alerts = { notification_channels = ["projects/churn-test/notificationChannels/1"] }
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.burn)) == toset(["fast-burn", "steady-burn", "slow-burn", "slow-answers", "canary-burn"])
    error_message = "one policy a rule"
  }
  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.burn : policy.notification_channels == tolist(["projects/churn-test/notificationChannels/1"])]) && google_monitoring_alert_policy.uptime.notification_channels == tolist(["projects/churn-test/notificationChannels/1"])
    error_message = "every alert reaches somebody"
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.burn["fast-burn"].conditions[0].condition_prometheus_query_language[0].query, "> 14.4 * (1 - 0.9995)") && strcontains(google_monitoring_alert_policy.burn["canary-burn"].conditions[0].condition_prometheus_query_language[0].query, "service_name=\"churn-predict\"")
    error_message = "the rules' own words, filled in"
  }
}

run "asked_from_outside" {
  assert {
    condition     = google_monitoring_uptime_check_config.ready.http_check[0].path == "/health/ready" && google_monitoring_uptime_check_config.ready.http_check[0].use_ssl && google_monitoring_uptime_check_config.ready.http_check[0].service_agent_authentication[0].type == "OIDC_TOKEN"
    error_message = "readiness, over TLS, with an identity"
  }
  assert {
    condition     = google_monitoring_uptime_check_config.ready.monitored_resource[0].labels.host == "churn-abc-ew.a.run.app"
    error_message = "a host, without scheme"
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.uptime.member == "serviceAccount:service-123456789012@gcp-sa-monitoring-notification.iam.gserviceaccount.com" && google_cloud_run_v2_service_iam_member.uptime.role == "roles/run.invoker"
    error_message = "Monitoring may call, and nothing else"
  }
}

run "predictions_are_kept_so_long" {
  variables {
    predictions = { expiry_days = 30 }
  }
  assert {
    condition     = alltrue([for dataset in google_bigquery_dataset.predictions : dataset.default_partition_expiration_ms == 2592000000])
    error_message = "30 days, in milliseconds"
  }
  assert {
    condition     = alltrue([for sink in google_logging_project_sink.predictions : sink.bigquery_options[0].use_partitioned_tables && sink.unique_writer_identity])
    error_message = "a partition a day, or nothing expires"
  }
  assert {
    condition = google_logging_project_sink.predictions["predictions"].filter == join(" AND ", [
      "resource.type=\"cloud_run_revision\"", "log_id(\"run.googleapis.com/stdout\")",
      "resource.labels.service_name=(\"churn-predict\" OR \"churn-predict-bigquery\")", "jsonPayload.event=(\"prediction\" OR \"outcome\")",
    ])
    error_message = "predictions and outcomes of our services"
  }
  assert {
    condition     = alltrue([for grant in google_bigquery_dataset_iam_member.sink : grant.role == "roles/bigquery.dataEditor" && grant.member == "serviceAccount:service-123456789012@gcp-sa-logging.iam.gserviceaccount.com"])
    error_message = "the sink writes, and nobody else"
  }
}

run "the_model_in_sql" {
  assert {
    condition     = google_bigquery_routine.churn_probability[0].remote_function_options[0].endpoint == "https://churn-abc-ew.a.run.app/bigquery" && google_bigquery_routine.churn_probability[0].remote_function_options[0].max_batching_rows == "2000"
    error_message = "the route of BigQuery"
  }
  assert {
    condition     = length(google_bigquery_routine.churn_probability[0].arguments) == 11 && google_bigquery_routine.churn_probability[0].determinism_level == "NOT_DETERMINISTIC"
    error_message = "eleven arguments, and no answer from before"
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.bigquery[0].name == "churn-predict-bigquery" && google_cloud_run_v2_service_iam_member.bigquery[0].role == "roles/run.invoker" && google_cloud_run_v2_service_iam_member.bigquery[0].member == "serviceAccount:bqcx-1@gcp-sa-bigquery-condel.iam.gserviceaccount.com"
    error_message = "the connection calls the second service"
  }
}

run "no_bigquery_no_function" {
  variables {
    bigquery = { enabled = false }
  }
  assert {
    condition     = length(google_bigquery_routine.churn_probability) == 0 && length(google_bigquery_connection.predict) == 0 && length(google_cloud_run_v2_service_iam_member.bigquery) == 0
    error_message = "nothing of it is made"
  }
  assert {
    condition     = length(google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages) == 1 && length(google_clouddeploy_automation.promote) == 0
    error_message = "and no stage"
  }
}

run "a_release_goes_by_canary" {
  assert {
    condition     = google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages[0].strategy[0].canary[0].canary_deployment[0].percentages == tolist([5, 25, 50])
    error_message = "5, 25, 50, and then all"
  }
  assert {
    condition     = google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages[0].strategy[0].canary[0].canary_deployment[0].verify
    error_message = "each share is verified"
  }
  assert {
    condition     = google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages[0].strategy[0].canary[0].canary_deployment[0].analysis[0].google_cloud[0].alert_policy_checks[0].alert_policies == tolist(["projects/churn-test/alertPolicies/canary"]) && google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages[0].strategy[0].canary[0].canary_deployment[0].analysis[0].duration == "900s"
    error_message = "and watched for a quarter of an hour"
  }
  assert {
    condition     = google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages[0].strategy[0].canary[0].canary_deployment[0].postdeploy[0].actions == tolist(["move-champion"])
    error_message = "the pointer moves behind it"
  }
  assert {
    condition     = google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages[0].strategy[0].canary[0].canary_deployment[0].predeploy[0].actions == tolist(["check-champion"])
    error_message = "and is looked at before"
  }
  assert {
    condition     = [for stage in google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages : "${stage.target_id} ${stage.profiles[0]}"] == ["churn-predict api", "churn-predict-bigquery bigquery"]
    error_message = "the API, then BigQuery"
  }
  assert {
    condition     = google_clouddeploy_automation.advance.rules[0].advance_rollout_rule[0].source_phases == tolist(["canary-5", "canary-25", "canary-50"])
    error_message = "it advances by itself"
  }
  assert {
    condition     = alltrue([for rule in google_clouddeploy_automation.repair.rules : length(rule.repair_rollout_rule[0].repair_phases[length(rule.repair_rollout_rule[0].repair_phases) - 1].rollback) == 1]) && toset(flatten([for rule in google_clouddeploy_automation.repair.rules : rule.repair_rollout_rule[0].jobs])) == toset(["predeploy", "deploy", "verify", "analysis", "postdeploy"])
    error_message = "whatever fails is taken back"
  }
  assert {
    condition     = alltrue([for target in google_clouddeploy_target.this : target.execution_configs[0].service_account == "churn-deploy@churn-test.iam.gserviceaccount.com"])
    error_message = "as churn-deploy"
  }
  assert {
    condition     = alltrue([for target in google_clouddeploy_target.this : target.execution_configs[0].artifact_storage == "${google_storage_bucket.churn.url}/rendered"])
    error_message = "what is rendered lies where nothing is deleted"
  }
}

run "three_doors" {
  variables {
    dashboard = { members = ["group:retention@example.com"] }
  }
  assert {
    condition     = [for stage in google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages : stage.profiles[0]] == ["api", "bigquery", "dashboard"]
    error_message = "the page comes last"
  }
  assert {
    condition     = [for target in google_clouddeploy_automation.promote[0].selector[0].targets : target.id] == ["churn-predict", "churn-predict-bigquery"]
    error_message = "from each door but the last to the next"
  }
}

run "the_small_variant_is_released_too" {
  variables {
    service = { variant = "small" }
  }
  assert {
    condition = (
      google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages[0].deploy_parameters[0].values.cpu == "0.08" &&
      google_clouddeploy_delivery_pipeline.predict.serial_pipeline[0].stages[0].deploy_parameters[0].values.concurrency == "1"
    )
    error_message = "each release has the cpu and the concurrency of the variant"
  }
}

run "somebody_hears_of_what_fails" {
  variables {
    alerts = { notification_channels = ["projects/churn-test/notificationChannels/1"] }
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.failure)) == toset(["build", "rollout", "schedule"])
    error_message = "builds, rollouts, and the start of the retraining"
  }
  assert {
    condition = { for key, policy in google_monitoring_alert_policy.failure : key => policy.conditions[0].condition_matched_log[0].filter } == {
      build    = "resource.type=\"build\" AND log_id(\"cloudbuild\") AND resource.labels.build_trigger_id=(\"release-id\" OR \"retrain-id\") AND textPayload=~\"^ERROR\""
      rollout  = "resource.type=\"clouddeploy.googleapis.com/DeliveryPipeline\" AND log_id(\"clouddeploy.googleapis.com/rollout_update\") AND resource.labels.pipeline_id=\"churn-predict\" AND jsonPayload.rolloutUpdateType=\"FAILED\""
      schedule = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=\"churn-retrain\" AND severity>=ERROR"
    }
    error_message = "by the lines that say so"
  }
  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.failure : policy.notification_channels == tolist(var.alerts.notification_channels) && policy.alert_strategy[0].notification_rate_limit[0].period == "3600s"])
    error_message = "and told, once an hour"
  }
}
