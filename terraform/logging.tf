# Prediction lines and outcomes leave the log for BigQuery, where a query or a monitor reads them, and are deleted there
# when they are old. The function writes them to its standard output; nothing else of its log is taken along.
#
# Counts of streams go to a data set of their own. A sink makes one table of each log, with the type that a field had
# first, and `features` is eight numbers in a prediction line and a list of counts by name in a line of counts.
locals {
  logged = {
    predictions = { dataset = "churn_predictions", events = ["prediction", "outcome"], holds = "Predictions, a line each, and what became of customers" }
    counts      = { dataset = "churn_prediction_counts", events = ["prediction_counts"], holds = "Counts of the predictions of streams and large batches" }
  }
  expiry_ms = var.predictions.expiry_days * 24 * 60 * 60 * 1000
}

resource "google_bigquery_dataset" "predictions" {
  #checkov:skip=CKV_GCP_81:Google's own keys encrypt it; ids of customers stand in it only as what a key of ours makes of them
  for_each = local.logged

  dataset_id                      = each.value.dataset
  description                     = each.value.holds
  location                        = var.predictions.location
  default_partition_expiration_ms = local.expiry_ms
  # The sink's tables are partitioned. One that were not would go as a whole.
  default_table_expiration_ms = null
  delete_contents_on_destroy  = !var.deletion_protection

  depends_on = [google_project_service.this]
}

resource "google_logging_project_sink" "predictions" {
  for_each = local.logged

  name                   = replace(each.value.dataset, "_", "-")
  description            = each.value.holds
  destination            = "bigquery.googleapis.com/${google_bigquery_dataset.predictions[each.key].id}"
  unique_writer_identity = true
  filter = join(" AND ", [
    "resource.type=\"cloud_run_revision\"",
    "log_id(\"run.googleapis.com/stdout\")",
    "resource.labels.service_name=(${join(" OR ", [for service in local.services : "\"${service.name}\""])})",
    "jsonPayload.event=(${join(" OR ", [for event in each.value.events : "\"${event}\""])})",
  ])

  bigquery_options {
    use_partitioned_tables = true
  }
}

# The sink's own identity may write there, and nobody else gets a role.
resource "google_bigquery_dataset_iam_member" "sink" {
  for_each = google_logging_project_sink.predictions

  dataset_id = google_bigquery_dataset.predictions[each.key].dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = each.value.writer_identity
}
