# What is kept, where, for how long, and what Terraform never sees.
mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project           = "churn-test"
  source_repository = { repository = "projects/churn-test/locations/europe-west1/connections/github/repositories/churn" }
}

run "the_bucket_is_private_and_versioned" {
  assert {
    condition     = google_storage_bucket.churn.name == "churn-test-churn" && google_storage_bucket.churn.location == "europe-west1"
    error_message = "PROJECT-churn"
  }
  assert {
    condition     = google_storage_bucket.churn.public_access_prevention == "enforced" && google_storage_bucket.churn.uniform_bucket_level_access && google_storage_bucket.churn.versioning[0].enabled && !google_storage_bucket.churn.force_destroy
    error_message = "no public access, roles alone decide, earlier versions are kept, and a full bucket is not destroyed"
  }
  assert {
    condition = toset([for rule in google_storage_bucket.churn.lifecycle_rule : "${join(",", one(rule.condition).matches_prefix)} ${one(rule.condition).age != null ? one(rule.condition).age : "after ${one(rule.condition).days_since_noncurrent_time}"}"]) == toset([
      "labelled/ after 30", "snapshots/ 400", "releases/ 90"
    ])
    error_message = "customers' data goes in time; the pointer and the champions stay"
  }
  assert {
    condition     = alltrue([for rule in google_storage_bucket.churn.lifecycle_rule : one(rule.action).type == "Delete"])
    error_message = "and is deleted"
  }
}

run "snapshots_go_when_predictions_go" {
  variables {
    predictions = { expiry_days = 30 }
  }
  assert {
    condition     = [for rule in google_storage_bucket.churn.lifecycle_rule : one(rule.condition).age if contains(one(rule.condition).matches_prefix, "snapshots/")] == [30]
    error_message = "one retention for both"
  }
}

run "a_log_that_is_kept_for_ever_is_refused" {
  command = plan
  variables {
    predictions = { expiry_days = 0 }
  }
  expect_failures = [var.predictions]
}

run "there_are_two_registries" {
  assert {
    condition     = google_artifact_registry_repository.images.repository_id == "churn" && google_artifact_registry_repository.images.format == "DOCKER" && google_artifact_registry_repository.images.docker_config[0].immutable_tags
    error_message = "images, whose tags never move"
  }
  assert {
    condition     = google_artifact_registry_repository.models.repository_id == "churn-models" && google_artifact_registry_repository.models.format == "GENERIC"
    error_message = "model artifacts"
  }
  assert {
    condition     = output.image == "europe-west1-docker.pkg.dev/churn-test/churn/churn-predict"
    error_message = "the image's name"
  }
}

run "secrets_are_made_empty_and_stay_in_the_region" {
  assert {
    condition     = toset([for secret in google_secret_manager_secret.this : secret.secret_id]) == toset(["churn-api-keys", "churn-customer-id-key"])
    error_message = "two secrets"
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.deletion_protection && secret.replication[0].user_managed[0].replicas[0].location == "europe-west1"])
    error_message = "protected, in the region alone"
  }
}

run "every_api_stays_on" {
  assert {
    condition     = alltrue([for api in google_project_service.this : !api.disable_on_destroy])
    error_message = "others may use them"
  }
}
