# The two builds, when they run, as whom, and what they are told.
mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project           = "churn-test"
  source_repository = { repository = "projects/churn-test/locations/europe-west1/connections/github/repositories/churn" }
}

run "a_push_to_the_branch_releases" {
  assert {
    condition     = google_cloudbuild_trigger.release.name == "churn-release" && google_cloudbuild_trigger.release.filename == "cloudbuild.yaml" && google_cloudbuild_trigger.release.repository_event_config[0].push[0].branch == "^main$"
    error_message = "cloudbuild.yaml, on main and no branch that only begins so"
  }
  assert {
    condition     = google_cloudbuild_trigger.release.service_account == "projects/churn-test/serviceAccounts/churn-build" && google_cloudbuild_trigger.retrain.service_account == "projects/churn-test/serviceAccounts/churn-build"
    error_message = "both builds run as churn-build"
  }
}

run "the_retraining_reads_the_same_branch" {
  assert {
    condition = (
      google_cloudbuild_trigger.retrain.name == "churn-retrain" &&
      google_cloudbuild_trigger.retrain.git_file_source[0].path == "functions/jobs/deploy/retrain.yaml" &&
      google_cloudbuild_trigger.retrain.git_file_source[0].revision == "refs/heads/main" &&
      google_cloudbuild_trigger.retrain.source_to_build[0].ref == "refs/heads/main"
    )
    error_message = "retrain.yaml of main, on the source of main"
  }
  assert {
    condition     = length(google_cloudbuild_trigger.retrain.repository_event_config) == 0
    error_message = "no push starts it"
  }
}

run "the_builds_are_told_where_things_are" {
  assert {
    condition = google_cloudbuild_trigger.release.substitutions == tomap({
      _ATTESTOR         = "", _ATTESTOR_KEY = "", _BUCKET = "churn-test-churn", _IMAGE_REPOSITORY = "churn",
      _MODEL_REPOSITORY = "churn-models", _PIPELINE = "churn-predict", _REGION = "europe-west1", _TARGET = "churn-predict"
    })
    error_message = "the release's substitutions"
  }
  assert {
    condition     = google_cloudbuild_trigger.retrain.substitutions == tomap(merge(google_cloudbuild_trigger.release.substitutions, { _DATA = "labelled/current.csv" }))
    error_message = "and the data"
  }
}

run "it_is_monday_two_o_clock" {
  assert {
    condition     = google_cloud_scheduler_job.retrain.schedule == "0 2 * * 1" && google_cloud_scheduler_job.retrain.time_zone == "Etc/UTC"
    error_message = "Monday 02:00 UTC"
  }
  assert {
    condition     = google_cloud_scheduler_job.retrain.http_target[0].uri == "https://cloudbuild.googleapis.com/v1/projects/churn-test/locations/europe-west1/triggers/retrain-id:run" && google_cloud_scheduler_job.retrain.http_target[0].http_method == "POST" && base64decode(google_cloud_scheduler_job.retrain.http_target[0].body) == "{}"
    error_message = "runs the trigger that retrains"
  }
  assert {
    condition     = google_cloud_scheduler_job.retrain.http_target[0].oauth_token[0].service_account_email == "churn-schedule@churn-test.iam.gserviceaccount.com" && length(google_cloud_scheduler_job.retrain.http_target[0].oidc_token) == 0
    error_message = "as churn-schedule, by the token that Google's APIs take"
  }
}

run "another_time_is_taken" {
  variables {
    retraining = { schedule = "*/15 6-22 1,15 */3 1-5", time_zone = "Europe/Berlin" }
  }
  assert {
    condition     = google_cloud_scheduler_job.retrain.schedule == "*/15 6-22 1,15 */3 1-5" && google_cloud_scheduler_job.retrain.time_zone == "Europe/Berlin"
    error_message = "that time"
  }
}

run "four_fields_of_cron_are_refused" {
  command = plan
  variables {
    retraining = { schedule = "0 2 * *" }
  }
  expect_failures = [var.retraining]
}

run "an_hour_that_there_is_not_is_refused" {
  command = plan
  variables {
    retraining = { schedule = "0 24 * * 1" }
  }
  expect_failures = [var.retraining]
}

run "words_are_no_schedule" {
  command = plan
  variables {
    retraining = { schedule = "every monday 02:00 in winter" }
  }
  expect_failures = [var.retraining]
}

run "data_of_a_kind_that_training_does_not_read_is_refused" {
  command = plan
  variables {
    retraining = { data = "labelled/current.xlsx" }
  }
  expect_failures = [var.retraining]
}

run "a_repository_without_its_full_name_is_refused" {
  command = plan
  variables {
    source_repository = { repository = "example/churn" }
  }
  expect_failures = [var.source_repository]
}

run "nothing_attests_by_default" {
  assert {
    condition     = length(google_binary_authorization_policy.this) == 0 && length(google_kms_crypto_key.attest) == 0
    error_message = "the policy is the project's own"
  }
}

run "what_is_attested_starts_and_nothing_else" {
  variables {
    attestation = { enabled = true }
  }
  assert {
    condition = (
      google_binary_authorization_policy.this[0].default_admission_rule[0].evaluation_mode == "REQUIRE_ATTESTATION" &&
      google_binary_authorization_policy.this[0].default_admission_rule[0].enforcement_mode == "ENFORCED_BLOCK_AND_AUDIT_LOG" &&
      google_binary_authorization_policy.this[0].default_admission_rule[0].require_attestations_by == toset([google_binary_authorization_attestor.built[0].id])
    )
    error_message = "blocked, not only noted, and by this attestor"
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.predict : service.binary_authorization[0].use_default])
    error_message = "every service asks the policy"
  }
  assert {
    condition     = google_kms_crypto_key.attest[0].purpose == "ASYMMETRIC_SIGN" && google_kms_crypto_key_iam_member.build[0].role == "roles/cloudkms.signerVerifier" && google_kms_crypto_key_iam_member.build[0].member == "serviceAccount:churn-build@churn-test.iam.gserviceaccount.com"
    error_message = "the build signs, and only signs"
  }
  assert {
    condition     = google_cloudbuild_trigger.release.substitutions._ATTESTOR_KEY == "projects/churn-test/locations/europe-west1/keyRings/churn/cryptoKeys/attest/cryptoKeyVersions/1" && google_cloudbuild_trigger.release.substitutions._ATTESTOR == google_binary_authorization_attestor.built[0].id
    error_message = "and is told by what"
  }
}

run "a_budget_writes_at_four_thresholds" {
  variables {
    budget = { billing_account = "01AB23-45CD67-89EF01", amount = 20, currency = "EUR" }
  }
  assert {
    condition     = google_billing_budget.churn[0].amount[0].specified_amount[0].units == "20" && google_billing_budget.churn[0].amount[0].specified_amount[0].currency_code == "EUR" && google_billing_budget.churn[0].budget_filter[0].projects == toset(["projects/123456789012"])
    error_message = "20 euro, of this project"
  }
  assert {
    condition     = [for rule in google_billing_budget.churn[0].threshold_rules : rule.threshold_percent] == [0.5, 0.9, 1, 1] && google_billing_budget.churn[0].threshold_rules[3].spend_basis == "FORECASTED_SPEND"
    error_message = "50, 90, 100 % and the forecast"
  }
}

run "without_an_account_there_is_no_budget" {
  assert {
    condition     = length(google_billing_budget.churn) == 0 && !contains(local.apis, "billingbudgets.googleapis.com")
    error_message = "no budget"
  }
}

run "a_budget_of_an_account_that_cannot_be_is_refused" {
  command = plan
  variables {
    budget = { billing_account = "my-account" }
  }
  expect_failures = [var.budget]
}

run "shares_of_traffic_that_do_not_grow_are_refused" {
  command = plan
  variables {
    canary = { percentages = [25, 5, 50] }
  }
  expect_failures = [var.canary]
}

run "a_share_of_more_than_half_is_refused" {
  command = plan
  variables {
    canary = { percentages = [5, 51] }
  }
  expect_failures = [var.canary]
}

run "no_share_at_all_is_refused" {
  command = plan
  variables {
    canary = { percentages = [] }
  }
  expect_failures = [var.canary]
}

run "a_canary_of_more_than_a_day_is_refused" {
  command = plan
  variables {
    canary = { wait_minutes = 430 }
  }
  expect_failures = [var.canary]
}

run "a_branch_without_a_name_is_refused" {
  command = plan
  variables {
    source_repository = { repository = "projects/churn-test/locations/europe-west1/connections/github/repositories/churn", branch = "" }
  }
  expect_failures = [var.source_repository]
}

run "an_objective_of_all_requests_is_refused" {
  command = plan
  variables {
    alerts = { availability = 1 }
  }
  expect_failures = [var.alerts]
}

run "an_objective_that_no_service_can_miss_fast_is_refused" {
  command = plan
  variables {
    alerts = { availability = 0.93 }
  }
  expect_failures = [var.alerts]
}

run "a_channel_without_its_full_name_is_refused" {
  command = plan
  variables {
    alerts = { notification_channels = ["ops@example.com"] }
  }
  expect_failures = [var.alerts]
}

run "a_zone_is_no_region" {
  command = plan
  variables {
    region = "europe-west1-b"
  }
  expect_failures = [var.region]
}

run "a_project_number_is_no_project_id" {
  command = plan
  variables {
    project = "123456789012"
  }
  expect_failures = [var.project]
}
