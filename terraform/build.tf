# The two builds: one for each push to the branch that ships, and one that trains anew, which the scheduler starts.
locals {
  # What the build files name in their own `substitutions`. Where nothing attests, the two names are empty.
  substitutions = {
    _ATTESTOR         = local.attested ? google_binary_authorization_attestor.built[0].id : ""
    _ATTESTOR_KEY     = local.attested ? data.google_kms_crypto_key_version.attest[0].name : ""
    _BUCKET           = google_storage_bucket.churn.name
    _IMAGE_REPOSITORY = google_artifact_registry_repository.images.repository_id
    _MODEL_REPOSITORY = google_artifact_registry_repository.models.repository_id
    _PIPELINE         = var.service.name
    _REGION           = var.region
    _TARGET           = var.service.name
  }
}

resource "google_cloudbuild_trigger" "release" {
  name            = "churn-release"
  description     = "Test, build, and release the image with the champion in it"
  location        = var.region
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.this["build"].id
  substitutions   = local.substitutions

  # Writing does not make a release.
  ignored_files = ["**/*.md", "LICENSE", "terraform/**"]

  repository_event_config {
    repository = var.source_repository.repository
    push {
      branch = "^${var.source_repository.branch}$"
    }
  }

  depends_on = [google_project_iam_member.this]
}

resource "google_cloudbuild_trigger" "retrain" {
  name            = "churn-retrain"
  description     = "Train on the labelled customers, judge, and release what passes"
  location        = var.region
  service_account = google_service_account.this["build"].id
  substitutions   = merge(local.substitutions, { _DATA = var.retraining.data })

  git_file_source {
    path       = "functions/jobs/deploy/retrain.yaml"
    repo_type  = "UNKNOWN"
    repository = var.source_repository.repository
    revision   = "refs/heads/${var.source_repository.branch}"
  }

  source_to_build {
    ref        = "refs/heads/${var.source_repository.branch}"
    repo_type  = "UNKNOWN"
    repository = var.source_repository.repository
  }

  depends_on = [google_project_iam_member.this]
}
