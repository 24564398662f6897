# Two registries: images, and model artifacts. Nothing in them is overwritten or cleaned away: a rollback may need any of
# them, and a year of weekly releases is 0.3 GB.
resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Google's own keys encrypt it; a key of ours would be one more thing to lose, for a binary and a model
  repository_id = "churn"
  description   = "Images of the churn function"
  format        = "DOCKER"
  location      = var.region

  docker_config {
    immutable_tags = true
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  depends_on = [google_project_service.this]
}

resource "google_artifact_registry_repository" "models" {
  #checkov:skip=CKV_GCP_84:Google's own keys encrypt it; a key of ours would be one more thing to lose, for a binary and a model
  repository_id = "churn-models"
  description   = "Model artifacts and their cards, package churn-model"
  format        = "GENERIC"
  location      = var.region

  depends_on = [google_project_service.this]
}
