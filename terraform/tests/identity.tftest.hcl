# Who may do what. Whatever is not in these lists, nobody may do.
mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project           = "churn-test"
  source_repository = { repository = "projects/churn-test/locations/europe-west1/connections/github/repositories/churn" }
}

run "each_identity_has_its_roles_and_no_other" {
  assert {
    condition     = toset([for account in google_service_account.this : account.account_id]) == toset(["churn-serve", "churn-build", "churn-deploy", "churn-schedule"])
    error_message = "there are four identities"
  }
  assert {
    condition = toset([for grant in google_project_iam_member.this : "${grant.member} ${grant.role}"]) == toset([
      "serviceAccount:churn-build@churn-test.iam.gserviceaccount.com roles/clouddeploy.releaser",
      "serviceAccount:churn-build@churn-test.iam.gserviceaccount.com roles/logging.logWriter",
      "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com roles/clouddeploy.jobRunner",
      "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com roles/clouddeploy.operator",
    ])
    error_message = "roles on the project"
  }
  assert {
    condition = toset([for grant in google_service_account_iam_member.acting : "${grant.member} ${grant.role} ${grant.service_account_id}"]) == toset([
      "serviceAccount:churn-build@churn-test.iam.gserviceaccount.com roles/iam.serviceAccountUser projects/churn-test/serviceAccounts/churn-deploy",
      "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com roles/iam.serviceAccountUser projects/churn-test/serviceAccounts/churn-deploy",
      "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com roles/iam.serviceAccountUser projects/churn-test/serviceAccounts/churn-serve",
      "serviceAccount:churn-schedule@churn-test.iam.gserviceaccount.com roles/iam.serviceAccountUser projects/churn-test/serviceAccounts/churn-build",
    ])
    error_message = "who acts as whom"
  }
  assert {
    condition = (
      google_service_account_iam_member.tokens.service_account_id == "projects/churn-test/serviceAccounts/churn-deploy" &&
      google_service_account_iam_member.tokens.member == "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com" &&
      google_service_account_iam_member.tokens.role == "roles/iam.serviceAccountOpenIdTokenCreator" &&
      contains(local.apis, "iamcredentials.googleapis.com")
    )
    error_message = "a check of a revision says who it is, and nobody else can say so"
  }
  assert {
    condition = (
      google_artifact_registry_repository_iam_member.deploy.repository == google_artifact_registry_repository.images.name &&
      google_artifact_registry_repository_iam_member.deploy.role == "roles/artifactregistry.reader" &&
      google_artifact_registry_repository_iam_member.deploy.member == "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com"
    )
    error_message = "and reads the images that it releases"
  }
}

run "the_function_reads_two_secrets_and_has_no_other_role" {
  assert {
    condition = toset([for grant in google_secret_manager_secret_iam_member.serve : "${grant.secret_id} ${grant.role} ${grant.member}"]) == toset([
      "churn-api-keys roles/secretmanager.secretAccessor serviceAccount:churn-serve@churn-test.iam.gserviceaccount.com",
      "churn-customer-id-key roles/secretmanager.secretAccessor serviceAccount:churn-serve@churn-test.iam.gserviceaccount.com",
    ])
    error_message = "the two secrets, for the function alone"
  }
  assert {
    condition = !contains(concat(
      [for grant in google_project_iam_member.this : grant.member],
      [for grant in google_storage_bucket_iam_member.this : grant.member],
      [for grant in google_artifact_registry_repository_iam_member.build : grant.member],
      [for grant in google_cloud_run_v2_service_iam_member.deploy : grant.member],
      [google_project_iam_member.schedule.member],
    ), "serviceAccount:churn-serve@churn-test.iam.gserviceaccount.com")
    error_message = "the function has a role that it does not need"
  }
}

run "builds_add_and_never_replace" {
  assert {
    condition     = google_storage_bucket_iam_member.this["build-writes"].role == "roles/storage.objectCreator"
    error_message = "objectCreator cannot replace what is there"
  }
  assert {
    condition = google_storage_bucket_iam_member.this["build-writes"].condition[0].expression == join(" || ", [
      "resource.name.startsWith(\"projects/_/buckets/churn-test-churn/objects/snapshots/\")",
      "resource.name.startsWith(\"projects/_/buckets/churn-test-churn/objects/champions/\")",
      "resource.name.startsWith(\"projects/_/buckets/churn-test-churn/objects/releases/\")",
    ])
    error_message = "builds write to three folders"
  }
  assert {
    condition     = alltrue([for name, grant in google_storage_bucket_iam_member.this : contains(["roles/storage.objectViewer", "roles/storage.legacyBucketReader"], grant.role) if !contains(["build-writes", "deploy-pointer"], name)])
    error_message = "everything else on the bucket only reads"
  }
  assert {
    condition     = alltrue([for grant in google_artifact_registry_repository_iam_member.build : grant.role == "roles/artifactregistry.writer" && grant.member == "serviceAccount:churn-build@churn-test.iam.gserviceaccount.com"])
    error_message = "only the build writes to the registries, and it cannot delete"
  }
}

run "only_a_rollout_moves_the_pointer" {
  assert {
    condition = (
      google_storage_bucket_iam_member.this["deploy-pointer"].member == "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com" &&
      google_storage_bucket_iam_member.this["deploy-pointer"].condition[0].expression == "resource.name == \"projects/_/buckets/churn-test-churn/objects/champion.json\""
    )
    error_message = "Cloud Deploy may write champion.json and no other object"
  }
}

run "cloud_deploy_reads_what_it_needs" {
  assert {
    condition = google_storage_bucket_iam_member.this["deploy-reads"].condition[0].expression == join(" || ", [
      "resource.name == \"projects/_/buckets/churn-test-churn/objects/champion.json\"",
      "resource.name.startsWith(\"projects/_/buckets/churn-test-churn/objects/champions/\")",
      "resource.name.startsWith(\"projects/_/buckets/churn-test-churn/objects/releases/\")",
    ])
    error_message = "never a customer: no table of labelled/ or snapshots/"
  }
  assert {
    condition     = google_storage_bucket_iam_member.rendered.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/churn-test-churn/objects/rendered/\")"
    error_message = "and keeps what it renders in one folder"
  }
}

run "the_scheduler_may_start_builds_and_nothing_else" {
  assert {
    condition     = google_project_iam_custom_role.start_builds.permissions == toset(["cloudbuild.builds.create"])
    error_message = "one permission"
  }
  assert {
    condition = (
      google_project_iam_member.schedule.role == "projects/churn-test/roles/churnStartBuilds" &&
      google_project_iam_member.schedule.member == "serviceAccount:churn-schedule@churn-test.iam.gserviceaccount.com"
    )
    error_message = "for the scheduler"
  }
}

run "releases_change_the_services_and_may_check_them" {
  variables {
    dashboard = { members = ["group:retention@example.com"] }
  }
  assert {
    condition = toset([for grant in google_cloud_run_v2_service_iam_member.deploy : "${grant.name} ${grant.role} ${grant.member}"]) == toset([
      for name in ["churn-predict", "churn-predict-bigquery", "churn-predict-dashboard"] : "${name} roles/run.developer serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com"
    ])
    error_message = "Cloud Deploy changes these services and no other"
  }
  assert {
    condition     = alltrue([for grant in google_cloud_run_v2_service_iam_member.verify : grant.role == "roles/run.invoker" && grant.member == "serviceAccount:churn-deploy@churn-test.iam.gserviceaccount.com"])
    error_message = "and may call them"
  }
}

run "nobody_is_let_through_by_default" {
  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.everybody) == 0 && length(google_cloud_run_v2_service_iam_member.invoke) == 0 && length(google_cloud_run_v2_service_iam_member.proxy) == 0
    error_message = "Cloud Run lets through only who is named"
  }
}

run "who_is_named_is_let_through_to_the_api" {
  variables {
    invokers = { members = ["serviceAccount:crm@example.iam.gserviceaccount.com"] }
  }
  assert {
    condition = [for grant in google_cloud_run_v2_service_iam_member.invoke : "${grant.name} ${grant.role} ${grant.member}"] == [
      "churn-predict roles/run.invoker serviceAccount:crm@example.iam.gserviceaccount.com"
    ]
    error_message = "the API, and no other service"
  }
  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.everybody) == 0
    error_message = "and nobody else"
  }
}

run "everybody_is_let_through_to_the_api_by_name_only" {
  variables {
    invokers = { public = true }
  }
  assert {
    condition = [for grant in google_cloud_run_v2_service_iam_member.everybody : "${grant.name} ${grant.role} ${grant.member}"] == [
      "churn-predict roles/run.invoker allUsers"
    ]
    error_message = "the API, which asks for keys; never BigQuery's service or the dashboard's"
  }
}
