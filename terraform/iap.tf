# Identity-Aware Proxy before the dashboard's service: members sign in with Google, the proxy calls the function.
# Only where `dashboard.members` names somebody.
resource "google_iap_web_cloud_run_service_iam_member" "dashboard" {
  for_each = toset(var.dashboard.members)

  cloud_run_service_name = google_cloud_run_v2_service.predict["dashboard"].name
  location               = var.region
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.value
}

# The proxy's own account; `gcloud beta services identity create --service=iap.googleapis.com` makes it (see the guide).
resource "google_cloud_run_v2_service_iam_member" "proxy" {
  count = contains(keys(local.services), "dashboard") ? 1 : 0

  name     = google_cloud_run_v2_service.predict["dashboard"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-iap.iam.gserviceaccount.com"
}
