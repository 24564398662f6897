# One bucket: labelled data that the company puts there, snapshots of what was trained on, and the pointer to the champion.
resource "google_storage_bucket" "churn" {
  #checkov:skip=CKV_GCP_62:Cloud Audit Logs has who read what; the guide names the line that turns data access on
  name                        = "${var.project}-churn"
  location                    = var.region
  force_destroy               = false
  public_access_prevention    = "enforced"
  uniform_bucket_level_access = true

  # The pointer is moved under a condition on its generation, and an overwritten table of customers can be had again.
  versioning {
    enabled = true
  }

  # Tables of customers are personal data: earlier versions are kept a month, snapshots as long as predictions are.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
      matches_prefix             = ["labelled/"]
    }
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.predictions.expiry_days
      matches_prefix = ["snapshots/"]
      with_state     = "ANY"
    }
  }
  # Sources of releases are read once. What Cloud Deploy rendered from them, below `rendered/`, stays: a rollback reads it.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 90
      matches_prefix = ["releases/"]
      with_state     = "ANY"
    }
  }

  depends_on = [google_project_service.this]
}
