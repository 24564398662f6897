# Every Monday at 02:00 UTC, unless `retraining` says otherwise, the build that trains is started.
locals {
  # The range of each field of cron: minute, hour, day of the month, month, day of the week.
  cron = ["([0-5]?[0-9])", "([01]?[0-9]|2[0-3])", "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])", "([0-7])"]
}

resource "google_cloud_scheduler_job" "retrain" {
  name        = "churn-retrain"
  description = "Starts the retraining build"
  region      = var.region
  schedule    = var.retraining.schedule
  time_zone   = var.retraining.time_zone

  # A start that fails is tried again within the hour; the build itself is safe to run twice.
  attempt_deadline = "180s"
  retry_config {
    retry_count          = 3
    min_backoff_duration = "60s"
    max_backoff_duration = "900s"
  }

  http_target {
    http_method = "POST"
    uri         = "https://cloudbuild.googleapis.com/v1/projects/${var.project}/locations/${var.region}/triggers/${google_cloudbuild_trigger.retrain.trigger_id}:run"
    body        = base64encode("{}")
    headers     = { "Content-Type" = "application/json" }

    oauth_token {
      service_account_email = google_service_account.this["schedule"].email
    }
  }
}
