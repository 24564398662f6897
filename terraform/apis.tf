# The APIs that the rest needs. They stay on when this is destroyed: others in the project may use them.
locals {
  apis = concat([
    "artifactregistry.googleapis.com",
    # The services ask the project's policy for images; without `attestation` that policy lets everything start.
    "binaryauthorization.googleapis.com",
    "bigquery.googleapis.com",
    "bigqueryconnection.googleapis.com",
    "cloudbuild.googleapis.com",
    "clouddeploy.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
    ],
    local.attested ? ["cloudkms.googleapis.com", "containeranalysis.googleapis.com"] : [],
    local.budgeted ? ["billingbudgets.googleapis.com"] : [],
    contains(keys(local.services), "dashboard") ? ["iap.googleapis.com"] : [],
  )
}

resource "google_project_service" "this" {
  for_each = toset(local.apis)

  service            = each.value
  disable_on_destroy = false
}
