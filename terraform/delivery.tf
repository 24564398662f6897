# How a release gets to the services: 5, 25, 50 and 100 % of the API's traffic, each share checked by calls and watched,
# and behind it the other doors, which carry the same image. What is in a release is in functions/predict/deploy/.
locals {
  # The doors behind the API, in the order in which they get a release.
  other_doors = [for key in ["bigquery", "dashboard"] : key if contains(keys(local.services), key)]

  # How long a canary is served at most, with ten minutes of work for each share. variables.tf holds it below 22 hours.
  canary_minutes = length(var.canary.percentages) * (var.canary.wait_minutes + 10) + 15

  canary_phases = [for percentage in var.canary.percentages : "canary-${percentage}"]

  # What the service files leave to the project: placeholders of Cloud Deploy, `# from-param: ${name}`.
  deploy_parameters = {
    concurrency     = tostring(local.services["api"].shape.concurrency)
    cpu             = local.services["api"].shape.cpu
    max_in_flight   = tostring(var.service.max_in_flight)
    max_instances   = tostring(var.service.max_instances)
    project         = var.project
    rate_limit      = tostring(var.service.rate_limit_per_key)
    service         = var.service.name
    timeout_seconds = tostring(var.service.timeout_seconds)
  }
}

resource "google_clouddeploy_target" "this" {
  for_each = local.services

  name     = each.value.name
  location = var.region

  run {
    location = "projects/${var.project}/locations/${var.region}"
  }

  execution_configs {
    usages           = ["RENDER", "DEPLOY", "VERIFY", "PREDEPLOY", "POSTDEPLOY", "ANALYSIS"]
    service_account  = google_service_account.this["deploy"].email
    artifact_storage = "${google_storage_bucket.churn.url}/rendered"
  }

  depends_on = [google_project_service.this]
}

resource "google_clouddeploy_delivery_pipeline" "predict" {
  name        = var.service.name
  location    = var.region
  description = "Releases of the churn function"

  serial_pipeline {
    stages {
      target_id = google_clouddeploy_target.this["api"].name
      profiles  = ["api"]

      deploy_parameters {
        values = local.deploy_parameters
      }

      strategy {
        canary {
          runtime_config {
            cloud_run {
              automatic_traffic_control = true
              # A revision that has a tag has an address of its own, where the check asks it and nobody else.
              canary_revision_tags = ["canary"]
              stable_revision_tags = ["stable"]
            }
          }

          canary_deployment {
            percentages = var.canary.percentages
            verify      = var.canary.verify

            analysis {
              duration = "${var.canary.wait_minutes * 60}s"

              google_cloud {
                alert_policy_checks {
                  id             = "canary-burn"
                  alert_policies = [google_monitoring_alert_policy.burn["canary-burn"].name]
                }
              }
            }

            # Before the first share: a release whose model is no longer the one to be served gets no traffic.
            predeploy {
              actions = ["check-champion"]
            }

            # Behind the last share, when all before it has succeeded.
            postdeploy {
              actions = ["move-champion"]
            }
          }
        }
      }
    }

    dynamic "stages" {
      for_each = local.other_doors
      content {
        target_id = google_clouddeploy_target.this[stages.value].name
        profiles  = [stages.value]

        deploy_parameters {
          values = local.deploy_parameters
        }

        strategy {
          standard {
            # The proxy before the page lets no program through.
            verify = var.canary.verify && stages.value != "dashboard"
          }
        }
      }
    }
  }

  depends_on = [google_project_service.this]
}

# One share after the other, a minute after the last one was found good.
resource "google_clouddeploy_automation" "advance" {
  name              = "${var.service.name}-advance"
  description       = "To the next share of traffic, and behind the last one to the other doors"
  location          = var.region
  delivery_pipeline = google_clouddeploy_delivery_pipeline.predict.name
  service_account   = google_service_account.this["deploy"].email

  selector {
    targets {
      id = google_clouddeploy_target.this["api"].name
    }
  }

  rules {
    advance_rollout_rule {
      id            = "advance"
      source_phases = local.canary_phases
      wait          = "60s"
    }
  }
}

resource "google_clouddeploy_automation" "promote" {
  count = length(local.other_doors) > 0 ? 1 : 0

  name              = "${var.service.name}-promote"
  description       = "From door to door"
  location          = var.region
  delivery_pipeline = google_clouddeploy_delivery_pipeline.predict.name
  service_account   = google_service_account.this["deploy"].email

  selector {
    dynamic "targets" {
      for_each = slice(concat(["api"], local.other_doors), 0, length(local.other_doors))
      content {
        id = google_clouddeploy_target.this[targets.value].name
      }
    }
  }

  rules {
    promote_release_rule {
      id                    = "promote"
      destination_target_id = "@next"
      wait                  = "60s"
    }
  }
}

# A check that fails is asked once more, since a call can get lost; where a release fails then, its door is taken back. Doors
# that have it already keep it: roll-back, by hand, takes it back from all.
resource "google_clouddeploy_automation" "repair" {
  name              = "${var.service.name}-repair"
  description       = "Back to the release before"
  location          = var.region
  delivery_pipeline = google_clouddeploy_delivery_pipeline.predict.name
  service_account   = google_service_account.this["deploy"].email

  selector {
    dynamic "targets" {
      for_each = local.services
      content {
        id = google_clouddeploy_target.this[targets.key].name
      }
    }
  }

  # The burn of a canary is not asked again: its calls are real ones.
  rules {
    repair_rollout_rule {
      id   = "repair-check"
      jobs = ["verify"]

      repair_phases {
        retry {
          attempts     = "1"
          wait         = "60s"
          backoff_mode = "BACKOFF_MODE_LINEAR"
        }
      }
      repair_phases {
        rollback {
          # Another release on its way would only be held up.
          disable_rollback_if_rollout_pending = true
        }
      }
    }
  }
  rules {
    repair_rollout_rule {
      id   = "repair-release"
      jobs = ["predeploy", "deploy", "analysis", "postdeploy"]

      repair_phases {
        rollback {
          disable_rollback_if_rollout_pending = true
        }
      }
    }
  }
}

# Reading whether an alert burns takes these two roles on the project.
resource "google_project_iam_member" "analysis" {
  for_each = toset(["roles/monitoring.alertPolicyViewer", "roles/serviceusage.serviceUsageConsumer"])

  project = var.project
  role    = each.value
  member  = google_service_account.this["deploy"].member
}

# Cloud Deploy keeps what it renders in the bucket, below `rendered/` and nowhere else.
resource "google_storage_bucket_iam_member" "rendered" {
  bucket = google_storage_bucket.churn.name
  role   = "roles/storage.objectUser"
  member = google_service_account.this["deploy"].member

  condition {
    title      = "deploy-rendered"
    expression = "resource.name.startsWith(\"${local.objects}/rendered/\")"
  }
}
