# The services, as they are created. One image, three doors, each a service of its own because each asks for another
# proof of who calls: `api` for an API key, `bigquery` for an identity that IAM knows (BigQuery cannot send a key), and
# `dashboard` for a person whom Identity-Aware Proxy knows (the proxy stands before every path of its service).
#
# Cloud Deploy releases the image and everything in a template: after the creation, functions/predict/deploy/ is the one
# source of memory, cpu, probes, concurrency and environment, and Terraform does not look at them.
locals {
  # Google's own page answers every path with 200, so that the probes pass before there is an image of ours.
  hello = "us-docker.pkg.dev/cloudrun/container/hello"

  services = {
    for key, service in {
      api       = { name = var.service.name, wanted = true, iap = false }
      bigquery  = { name = "${var.service.name}-bigquery", wanted = var.bigquery.enabled, iap = false }
      dashboard = { name = "${var.service.name}-dashboard", wanted = length(var.dashboard.members) > 0, iap = true }
    } : key => service if service.wanted
  }
}

resource "google_cloud_run_v2_service" "predict" {
  for_each = local.services

  name                = each.value.name
  location            = var.region
  deletion_protection = var.deletion_protection
  iap_enabled         = each.value.iap
  ingress             = "INGRESS_TRAFFIC_ALL"

  template {
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN1"
    max_instance_request_concurrency = var.service.concurrency
    service_account                  = google_service_account.this["serve"].email
    timeout                          = "${var.service.timeout_seconds}s"

    scaling {
      min_instance_count = 0
      max_instance_count = var.service.max_instances
    }

    containers {
      image = coalesce(var.image, local.hello)

      ports {
        container_port = 8080
      }

      resources {
        cpu_idle          = true
        startup_cpu_boost = false
        limits = {
          cpu    = var.service.cpu
          memory = var.service.memory
        }
      }

      # Secrets are left to the releases: a secret has no version yet, and a service that asks for one is not created.
      env {
        name  = "GOOGLE_CLOUD_PROJECT"
        value = var.project
      }
      env {
        name  = "MAX_IN_FLIGHT"
        value = tostring(var.service.max_in_flight)
      }
      env {
        name  = "PREDICTION_LOG"
        value = "rows"
      }
      env {
        name  = "RATE_LIMIT"
        value = tostring(var.service.rate_limit_per_key)
      }

      startup_probe {
        failure_threshold = 10
        period_seconds    = 1
        timeout_seconds   = 1
        http_get {
          path = "/health/ready"
        }
      }
      liveness_probe {
        failure_threshold = 3
        period_seconds    = 10
        timeout_seconds   = 1
        http_get {
          path = "/health/live"
        }
      }
    }
  }

  dynamic "binary_authorization" {
    for_each = local.attested ? [true] : []
    content {
      use_default = true
    }
  }

  lifecycle {
    ignore_changes = [template, traffic, client, client_version, labels, annotations]
  }

  depends_on = [google_project_service.this]
}
