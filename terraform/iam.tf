# Four identities and what each may do. None has a role that lets it give roles, and none a key.
#
#   serve     what the function runs as: reads its two secrets, and nothing else
#   build     what Cloud Build runs as: writes images, models and snapshots, makes releases; cannot overwrite any of them
#   deploy    what Cloud Deploy runs as: changes the services, calls them as itself, and moves the pointer to the champion
#   schedule  what Cloud Scheduler runs as: starts builds
locals {
  accounts = {
    serve    = "Runs the churn function"
    build    = "Builds, trains and makes releases"
    deploy   = "Rolls releases out and back"
    schedule = "Starts the retraining"
  }

  # Roles that Cloud Build and Cloud Deploy know on the project only.
  project_roles = {
    build-logs      = { account = "build", role = "roles/logging.logWriter" }
    build-releases  = { account = "build", role = "roles/clouddeploy.releaser" }
    deploy-advances = { account = "deploy", role = "roles/clouddeploy.operator" }
    deploy-runs     = { account = "deploy", role = "roles/clouddeploy.jobRunner" }
  }

  # Who may start something in whose name.
  acting = {
    build-deploy   = { account = "build", as = "deploy" }
    deploy-deploy  = { account = "deploy", as = "deploy" }
    deploy-serve   = { account = "deploy", as = "serve" }
    schedule-build = { account = "schedule", as = "build" }
  }

  # Objects of the bucket. `objectCreator` makes new ones and cannot replace any.
  objects = "projects/_/buckets/${google_storage_bucket.churn.name}/objects"
  object_roles = {
    build-reads    = { account = "build", role = "roles/storage.objectViewer" }
    build-bucket   = { account = "build", role = "roles/storage.legacyBucketReader" }
    build-writes   = { account = "build", role = "roles/storage.objectCreator", only = join(" || ", [for folder in ["snapshots", "champions", "releases"] : "resource.name.startsWith(\"${local.objects}/${folder}/\")"]) }
    deploy-reads   = { account = "deploy", role = "roles/storage.objectViewer", only = join(" || ", concat(["resource.name == \"${local.objects}/champion.json\""], [for folder in ["champions", "releases"] : "resource.name.startsWith(\"${local.objects}/${folder}/\")"])) }
    deploy-bucket  = { account = "deploy", role = "roles/storage.legacyBucketReader" }
    deploy-pointer = { account = "deploy", role = "roles/storage.objectUser", only = "resource.name == \"${local.objects}/champion.json\"" }
  }
}

resource "google_service_account" "this" {
  for_each = local.accounts

  account_id   = "churn-${each.key}"
  display_name = each.value

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "this" {
  for_each = local.project_roles

  project = var.project
  role    = each.value.role
  member  = google_service_account.this[each.value.account].member
}

# Starting a trigger needs this one permission; the smallest role that Google has with it holds fifteen more.
resource "google_project_iam_custom_role" "start_builds" {
  role_id     = "churnStartBuilds"
  title       = "Start builds of the churn model"
  permissions = ["cloudbuild.builds.create"]
}

resource "google_project_iam_member" "schedule" {
  project = var.project
  role    = google_project_iam_custom_role.start_builds.name
  member  = google_service_account.this["schedule"].member
}

resource "google_service_account_iam_member" "acting" {
  for_each = local.acting

  service_account_id = google_service_account.this[each.value.as].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.this[each.value.account].member
}

# A check of a new revision shows Cloud Run a token that says who asks, which only its own account may make.
resource "google_service_account_iam_member" "tokens" {
  service_account_id = google_service_account.this["deploy"].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = google_service_account.this["deploy"].member
}

# Whoever gives Cloud Run an image must be able to read it.
resource "google_artifact_registry_repository_iam_member" "deploy" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.this["deploy"].member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  for_each = {
    images = google_artifact_registry_repository.images
    models = google_artifact_registry_repository.models
  }

  location   = each.value.location
  repository = each.value.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this["build"].member
}

resource "google_storage_bucket_iam_member" "this" {
  for_each = local.object_roles

  bucket = google_storage_bucket.churn.name
  role   = each.value.role
  member = google_service_account.this[each.value.account].member

  dynamic "condition" {
    for_each = try([each.value.only], [])
    content {
      title      = each.key
      expression = condition.value
    }
  }
}

resource "google_cloud_run_v2_service_iam_member" "deploy" {
  for_each = google_cloud_run_v2_service.predict

  name     = each.value.name
  location = each.value.location
  role     = "roles/run.developer"
  member   = google_service_account.this["deploy"].member
}

# Whom Cloud Run lets through to the API: those who are named, Cloud Deploy's checks of a new revision, and everybody
# only where `invokers.public` says so.
resource "google_cloud_run_v2_service_iam_member" "invoke" {
  for_each = toset(var.invokers.members)

  name     = google_cloud_run_v2_service.predict["api"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value
}

resource "google_cloud_run_v2_service_iam_member" "verify" {
  for_each = google_cloud_run_v2_service.predict

  name     = each.value.name
  location = each.value.location
  role     = "roles/run.invoker"
  member   = google_service_account.this["deploy"].member
}

resource "google_cloud_run_v2_service_iam_member" "everybody" {
  count = var.invokers.public ? 1 : 0

  name     = google_cloud_run_v2_service.predict["api"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}
