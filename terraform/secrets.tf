# Two secrets, made empty: what is in them never passes through Terraform, so it stands in no state and in no plan.
# Versions are added by hand; the guide has the lines.
locals {
  secrets = {
    churn-api-keys        = "SHA-256 of each API key, in hex, one a line"
    churn-customer-id-key = "Key of the HMAC as which customers' ids stand in log lines"
  }
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  secret_id           = each.key
  annotations         = { holds = each.value }
  deletion_protection = var.deletion_protection

  # A version that was destroyed by mistake can be had again for a day.
  version_destroy_ttl = "86400s"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_iam_member" "serve" {
  for_each = google_secret_manager_secret.this

  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this["serve"].member
}
