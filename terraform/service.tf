# The services, as they are created. One image, three doors, each a service of its own because each asks for another
# proof of who calls: `api` for an API key, `bigquery` for an identity that IAM knows (BigQuery cannot send a key), and
# `dashboard` for a person whom Identity-Aware Proxy knows (the proxy stands before every path of its service).
#
# Cloud Deploy releases the image and everything in a template: after the creation, functions/predict/deploy/ is the one
# source of memory, cpu, probes, concurrency and environment, and Terraform does not look at them.
locals {
  # Google's own page answers every path with 200, so that the probes pass before there is an image of ours.
  hello = "us-docker.pkg.dev/cloudrun/container/hello@sha256:95ade4b17adcd07623b0a0c68359e344fe54e65d0cb01b989e24c39f2fcd296a"

  # What a service is created with, as its file says it from the first release on. The small variant takes a twelfth of a
  # processor, which Cloud Run gives only to services that take one request at a time.
  shapes = {
    standard = { cpu = "1", concurrency = 250 }
    small    = { cpu = "0.08", concurrency = 1 }
  }
  memory = "128Mi"

  services = {
    for key, service in {
      api       = { name = var.service.name, wanted = true, iap = false, shape = local.shapes[var.service.variant] }
      bigquery  = { name = "${var.service.name}-bigquery", wanted = var.bigquery.enabled, iap = false, shape = local.shapes.standard }
      dashboard = { name = "${var.service.name}-dashboard", wanted = length(var.dashboard.members) > 0, iap = true, shape = local.shapes.standard }
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
    max_instance_request_concurrency = each.value.shape.concurrency
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
          cpu    = each.value.shape.cpu
          memory = local.memory
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

  binary_authorization {
    use_default = true
  }

  lifecycle {
    ignore_changes = [template, traffic, client, client_version, labels, annotations]
  }

  depends_on = [google_project_service.this]
}
