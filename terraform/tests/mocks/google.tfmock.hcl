# What the cloud would answer, where the tests look at it: each identity has a name of its own, so that a role that goes
# to the wrong one is seen.
mock_data "google_project" {
  defaults = {
    number = "123456789012"
  }
}

mock_data "google_kms_crypto_key_version" {
  defaults = {
    id         = "projects/churn-test/locations/europe-west1/keyRings/churn/cryptoKeys/attest/cryptoKeyVersions/1"
    name       = "projects/churn-test/locations/europe-west1/keyRings/churn/cryptoKeys/attest/cryptoKeyVersions/1"
    public_key = [{ algorithm = "EC_SIGN_P256_SHA256", pem = "PEM" }]
  }
}

override_resource {
  target = google_service_account.this["serve"]
  values = {
    id     = "projects/churn-test/serviceAccounts/churn-serve"
    name   = "projects/churn-test/serviceAccounts/churn-serve"
    email  = "churn-serve@churn-test.iam.gserviceaccount.com"
    member = "serviceAccount:churn-serve@churn-test.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["build"]
  values = {
    id     = "projects/churn-test/serviceAccounts/churn-build"
    name   = "projects/churn-test/serviceAccounts/churn-build"
    email  = "churn-build@churn-test.iam.gserviceaccount.com"
    member = "serviceAccount:churn-build@churn-test.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["deploy"]
  values = {
    id     = "projects/churn-test/serviceAccounts/churn-deploy"
    name   = "projects/churn-test/serviceAccounts/churn-deploy"
    email  = "churn-deploy@churn-test.iam.gserviceaccount.com"
    member = "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["schedule"]
  values = {
    id     = "projects/churn-test/serviceAccounts/churn-schedule"
    name   = "projects/churn-test/serviceAccounts/churn-schedule"
    email  = "churn-schedule@churn-test.iam.gserviceaccount.com"
    member = "serviceAccount:churn-schedule@churn-test.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_cloudbuild_trigger.release
  values = { trigger_id = "release-id" }
}

override_resource {
  target = google_cloudbuild_trigger.retrain
  values = { trigger_id = "retrain-id" }
}

override_resource {
  target = google_project_iam_custom_role.start_builds
  values = { name = "projects/churn-test/roles/churnStartBuilds" }
}
