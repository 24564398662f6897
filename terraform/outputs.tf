# What the guide's commands, and whoever builds on this, need to know.

output "bucket" {
  description = "Where labelled data goes, and where the pointer to the champion is."
  value       = google_storage_bucket.churn.url
}

output "dashboard" {
  description = "The page, for members of `dashboard`; null where there are none."
  value       = try(google_cloud_run_v2_service.predict["dashboard"].uri, null)
}

output "image" {
  description = "The image's name without its digest."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}/churn-predict"
}

output "models" {
  description = "The registry of model artifacts."
  value       = google_artifact_registry_repository.models.id
}

output "releases" {
  description = "The page of the delivery pipeline."
  value       = "https://console.cloud.google.com/deploy/delivery-pipelines/${var.region}/${var.service.name}?project=${var.project}"
}

output "requests_per_second" {
  description = "The most that one key is served over all instances."
  value       = var.service.rate_limit_per_key * var.service.max_instances

  precondition {
    condition     = var.service.rate_limit_per_key * var.service.max_instances <= var.limits.requests_per_second
    error_message = "One key may ask for more than limits.requests_per_second."
  }
}

output "service_accounts" {
  description = "Who does what: serve, build, deploy, schedule."
  value       = { for name, account in google_service_account.this : name => account.email }
}

output "triggers" {
  description = "Names of the builds, for `gcloud builds triggers run`."
  value = {
    release = google_cloudbuild_trigger.release.name
    retrain = google_cloudbuild_trigger.retrain.name
  }
}

output "url" {
  description = "The API."
  value       = google_cloud_run_v2_service.predict["api"].uri
}
