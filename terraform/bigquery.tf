# `SELECT churn.churn_probability(...)`: BigQuery calls the second service, under the identity of a connection, since it
# can show an identity and no API key.
locals {
  # The eleven fields in the order of the public contract. Numbers that may be blank are NULL.
  churn_arguments = {
    names = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges", "InternetService", "OnlineSecurity", "TechSupport", "StreamingTV", "Contract", "PaymentMethod", "PaperlessBilling"]
    types = { SeniorCitizen = "INT64", tenure = "INT64", MonthlyCharges = "FLOAT64", TotalCharges = "FLOAT64" }
  }
}

resource "google_bigquery_dataset" "churn" {
  #checkov:skip=CKV_GCP_81:There is a function in it and no data
  count = var.bigquery.enabled ? 1 : 0

  dataset_id                 = "churn"
  description                = "The churn model as a function of SQL"
  location                   = var.bigquery.location
  delete_contents_on_destroy = !var.deletion_protection

  depends_on = [google_project_service.this]
}

resource "google_bigquery_connection" "predict" {
  count = var.bigquery.enabled ? 1 : 0

  connection_id = "churn-predict"
  description   = "Calls ${local.services["bigquery"].name}"
  location      = var.bigquery.location

  cloud_resource {}

  depends_on = [google_project_service.this]
}

resource "google_cloud_run_v2_service_iam_member" "bigquery" {
  count = var.bigquery.enabled ? 1 : 0

  name     = google_cloud_run_v2_service.predict["bigquery"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "serviceAccount:${google_bigquery_connection.predict[0].cloud_resource[0].service_account_id}"
}

resource "google_bigquery_routine" "churn_probability" {
  count = var.bigquery.enabled ? 1 : 0

  dataset_id      = google_bigquery_dataset.churn[0].dataset_id
  routine_id      = "churn_probability"
  description     = "Probability that a customer leaves, by the model that is served now"
  routine_type    = "SCALAR_FUNCTION"
  definition_body = ""
  return_type     = jsonencode({ typeKind = "FLOAT64" })
  # The next champion may answer otherwise: no result of an earlier query is handed out again.
  determinism_level = "NOT_DETERMINISTIC"

  dynamic "arguments" {
    for_each = local.churn_arguments.names
    content {
      name      = arguments.value
      data_type = jsonencode({ typeKind = lookup(local.churn_arguments.types, arguments.value, "STRING") })
    }
  }

  remote_function_options {
    connection           = google_bigquery_connection.predict[0].name
    endpoint             = "${google_cloud_run_v2_service.predict["bigquery"].uri}/bigquery"
    max_batching_rows    = tostring(var.bigquery.max_rows)
    user_defined_context = { output = "probability" }
  }
}

resource "google_bigquery_dataset_iam_member" "readers" {
  for_each = var.bigquery.enabled ? toset(var.bigquery.readers) : []

  dataset_id = google_bigquery_dataset.churn[0].dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}

# Whoever calls the function also uses its connection.
resource "google_bigquery_connection_iam_member" "readers" {
  for_each = var.bigquery.enabled ? toset(var.bigquery.readers) : []

  connection_id = google_bigquery_connection.predict[0].connection_id
  location      = google_bigquery_connection.predict[0].location
  role          = "roles/bigquery.connectionUser"
  member        = each.value
}
