# What is promised, who hears when it is not kept, and where to look. The alerts stand in monitoring/rules.yaml, in the
# words in which the checks try them on invented traffic.
locals {
  # The rules by name, such as fast-burn.
  rules = {
    for rule in flatten([for group in yamldecode(templatefile("${path.module}/monitoring/rules.yaml", {
      service        = var.service.name
      availability   = var.alerts.availability
      latency_goal   = var.alerts.latency.goal
      latency_ms     = var.alerts.latency.threshold_ms
      canary_minutes = local.canary_minutes
    })).groups : group.rules]) : replace(rule.alert, " ", "-") => rule
  }

  # What fails without a request that could: a log line each, of which somebody hears.
  failures = {
    build = {
      name   = "a build has failed"
      filter = "resource.type=\"build\" AND log_id(\"cloudbuild\") AND resource.labels.build_trigger_id=(\"${google_cloudbuild_trigger.release.trigger_id}\" OR \"${google_cloudbuild_trigger.retrain.trigger_id}\") AND textPayload=~\"^ERROR\""
      read   = "The build's log says which step failed. What is served has not changed."
    }
    rollout = {
      name   = "a rollout has failed"
      filter = "resource.type=\"clouddeploy.googleapis.com/DeliveryPipeline\" AND log_id(\"clouddeploy.googleapis.com/rollout_update\") AND resource.labels.pipeline_id=\"${google_clouddeploy_delivery_pipeline.predict.name}\" AND jsonPayload.rolloutUpdateType=\"FAILED\""
      read   = "That door serves the release before again, if there was one; doors that had the new one before keep it, until roll-back or the next release. The rollout's page says which check failed."
    }
    schedule = {
      name   = "the retraining was not started"
      filter = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=\"${google_cloud_scheduler_job.retrain.name}\" AND severity>=ERROR"
      read   = "Cloud Scheduler tries again within the hour. If it goes on, churn-schedule may not act as churn-build."
    }
  }

  requests = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.service.name}\" AND metric.type=\"run.googleapis.com/request_count\""
}

resource "google_monitoring_custom_service" "predict" {
  service_id   = var.service.name
  display_name = "Churn predictions"

  telemetry {
    resource_name = "//run.googleapis.com/projects/${var.project}/locations/${var.region}/services/${google_cloud_run_v2_service.predict["api"].name}"
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_slo" "availability" {
  service             = google_monitoring_custom_service.predict.service_id
  slo_id              = "availability"
  display_name        = "${var.alerts.availability * 100} % of requests are answered without a failure of ours"
  goal                = var.alerts.availability
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      bad_service_filter   = "${local.requests} AND metric.labels.response_code_class=\"5xx\""
      total_service_filter = local.requests
    }
  }
}

resource "google_monitoring_slo" "latency" {
  service             = google_monitoring_custom_service.predict.service_id
  slo_id              = "latency"
  display_name        = "${var.alerts.latency.goal * 100} % of requests within ${var.alerts.latency.threshold_ms} ms"
  goal                = var.alerts.latency.goal
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = replace(local.requests, "request_count", "request_latencies")
      range {
        min = 0
        max = var.alerts.latency.threshold_ms
      }
    }
  }
}

resource "google_monitoring_alert_policy" "burn" {
  for_each = local.rules

  display_name          = "${var.service.name}: ${each.value.alert}"
  combiner              = "OR"
  severity              = each.value.labels.severity
  notification_channels = var.alerts.notification_channels

  conditions {
    display_name = each.value.alert

    condition_prometheus_query_language {
      query               = each.value.expr
      duration            = each.value.for
      evaluation_interval = "60s"
      alert_rule          = each.value.alert
      rule_group          = var.service.name
      # A project in which nobody has asked anything yet has none of these metrics, and the policy is made all the same.
      disable_metric_validation = true
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }

  documentation {
    content   = "${each.value.annotations.summary}\n\nThe guide, terraform/README.md, says how alerts are read and releases rolled back."
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "failure" {
  for_each = local.failures

  display_name          = "${var.service.name}: ${each.value.name}"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = var.alerts.notification_channels

  conditions {
    display_name = each.value.name

    condition_matched_log {
      filter = each.value.filter
    }
  }

  # A build that fails writes several such lines.
  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }

  documentation {
    content   = "${each.value.read}\n\nThe guide, terraform/README.md, has a table of troubles."
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.this]
}

# Asked from outside, with an identity of Monitoring's own: the service lets nobody through who has none.
resource "google_monitoring_uptime_check_config" "ready" {
  display_name = "${var.service.name}: ready"
  period       = "300s"
  timeout      = "10s"

  http_check {
    path         = "/health/ready"
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_value = 200
    }

    service_agent_authentication {
      type = "OIDC_TOKEN"
    }
  }

  content_matchers {
    content = "ready"
    matcher = "MATCHES_JSON_PATH"
    json_path_matcher {
      json_path    = "$.status"
      json_matcher = "REGEX_MATCH"
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = trimprefix(google_cloud_run_v2_service.predict["api"].uri, "https://")
    }
  }
}

resource "google_cloud_run_v2_service_iam_member" "uptime" {
  name     = google_cloud_run_v2_service.predict["api"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
}

resource "google_monitoring_alert_policy" "uptime" {
  display_name          = "${var.service.name}: not reached from outside"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = var.alerts.notification_channels

  # Two places of the six that ask must fail: one alone may be a fault of its own.
  conditions {
    display_name = "two places cannot reach it"

    condition_threshold {
      filter          = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.ready.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "300s"

      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }

      trigger {
        count = 1
      }
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }

  documentation {
    content   = "Is it Cloud Run, a role that was taken away, or the region? The guide, terraform/README.md, has a table of troubles."
    mime_type = "text/markdown"
  }
}

resource "google_monitoring_dashboard" "predict" {
  dashboard_json = templatefile("${path.module}/monitoring/dashboard.json", {
    service      = var.service.name
    availability = var.alerts.availability
    latency_goal = var.alerts.latency.goal
    latency_ms   = var.alerts.latency.threshold_ms
  })

  depends_on = [google_project_service.this]
}
