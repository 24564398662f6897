# A service that is created otherwise than by default: the small variant, with an image of ours. In a file of its own,
# because a template is looked at when a service is created and never again.
mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project           = "churn-test"
  source_repository = { repository = "projects/churn-test/locations/europe-west1/connections/github/repositories/churn" }
}

run "the_small_variant_serves_one_at_a_time" {
  variables {
    service = { variant = "small" }
    image   = "europe-west1-docker.pkg.dev/churn-test/churn/churn-predict@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  assert {
    condition     = google_cloud_run_v2_service.predict["api"].template[0].containers[0].resources[0].limits.cpu == "0.08" && google_cloud_run_v2_service.predict["api"].template[0].max_instance_request_concurrency == 1
    error_message = "0.08 vCPU, one at a time"
  }
  assert {
    condition     = google_cloud_run_v2_service.predict["bigquery"].template[0].containers[0].resources[0].limits.cpu == "1" && google_cloud_run_v2_service.predict["bigquery"].template[0].max_instance_request_concurrency == 250
    error_message = "and BigQuery's service is as ever"
  }
  assert {
    condition     = google_cloud_run_v2_service.predict["api"].template[0].containers[0].image == var.image
    error_message = "an image by digest is taken"
  }
}
