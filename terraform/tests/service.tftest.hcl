# What the services are created with, and what they may be asked to do.
mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project           = "churn-test"
  source_repository = { repository = "projects/churn-test/locations/europe-west1/connections/github/repositories/churn" }
}

run "the_services_have_the_shape_of_the_source_system" {
  assert {
    condition     = toset([for service in google_cloud_run_v2_service.predict : service.name]) == toset(["churn-predict", "churn-predict-bigquery"])
    error_message = "the API and BigQuery's service"
  }
  assert {
    condition = alltrue([for service in google_cloud_run_v2_service.predict :
      service.template[0].scaling[0].max_instance_count == 10 && service.template[0].scaling[0].min_instance_count == 0 && service.template[0].timeout == "300s"
    ])
    error_message = "ten instances at most, none at least, 300 s"
  }
  assert {
    condition = alltrue([for service in google_cloud_run_v2_service.predict :
      service.template[0].execution_environment == "EXECUTION_ENVIRONMENT_GEN1" && service.template[0].max_instance_request_concurrency == 250 &&
      service.template[0].containers[0].resources[0].limits == tomap({ cpu = "1", memory = "128Mi" }) && service.template[0].containers[0].resources[0].cpu_idle
    ])
    error_message = "first generation, 1 vCPU that is paid while it answers, 128 MiB, 250 at a time"
  }
  assert {
    condition = alltrue([for service in google_cloud_run_v2_service.predict :
      service.template[0].containers[0].startup_probe[0].http_get[0].path == "/health/ready" && service.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health/live" &&
      service.template[0].containers[0].ports[0].container_port == 8080
    ])
    error_message = "probes on our own paths, port 8080"
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.predict : service.template[0].service_account == "churn-serve@churn-test.iam.gserviceaccount.com"])
    error_message = "runs as churn-serve"
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.predict : service.deletion_protection && !coalesce(service.invoker_iam_disabled, false)])
    error_message = "protected, and IAM is asked"
  }
  assert {
    condition = { for env in google_cloud_run_v2_service.predict["api"].template[0].containers[0].env : env.name => env.value } == {
      GOOGLE_CLOUD_PROJECT = "churn-test", MAX_IN_FLIGHT = "250", PREDICTION_LOG = "rows", RATE_LIMIT = "100"
    }
    error_message = "the environment"
  }
}

run "bigquery_may_be_left_out" {
  variables {
    bigquery = { enabled = false }
  }
  assert {
    condition     = toset(keys(google_cloud_run_v2_service.predict)) == toset(["api"])
    error_message = "the API alone"
  }
}

run "what_a_release_brought_is_left_alone" {
  variables {
    service = { variant = "small" }
    image   = "europe-west1-docker.pkg.dev/churn-test/churn/churn-predict@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  assert {
    condition = (
      google_cloud_run_v2_service.predict["api"].template[0].containers[0].image == "us-docker.pkg.dev/cloudrun/container/hello@sha256:95ade4b17adcd07623b0a0c68359e344fe54e65d0cb01b989e24c39f2fcd296a" &&
      google_cloud_run_v2_service.predict["api"].template[0].containers[0].resources[0].limits.memory == "128Mi" &&
      google_cloud_run_v2_service.predict["api"].template[0].max_instance_request_concurrency == 250
    )
    error_message = "after the creation the template is Cloud Deploy's"
  }
}

run "a_variant_that_there_is_not_is_refused" {
  command = plan
  variables {
    service = { variant = "large" }
  }
  expect_failures = [var.service]
}

run "an_image_by_tag_is_refused" {
  command = plan
  variables {
    image = "europe-west1-docker.pkg.dev/churn-test/churn/churn-predict:latest"
  }
  expect_failures = [var.image]
}

run "the_rate_of_all_instances_is_within_the_limit" {
  assert {
    condition     = output.requests_per_second == 1000 && output.requests_per_second <= var.limits.requests_per_second
    error_message = "100 a second and key, ten instances, 1000 in all"
  }
}

run "more_instances_than_the_limit_allows_are_refused" {
  command = plan
  variables {
    service = { max_instances = 11 }
  }
  expect_failures = [var.limits]
}

run "a_higher_rate_than_the_limit_allows_is_refused" {
  command = plan
  variables {
    service = { rate_limit_per_key = 101 }
  }
  expect_failures = [var.limits]
}

run "services_without_a_limit_are_refused" {
  command = plan
  variables {
    service = { max_instances = 0 }
  }
  expect_failures = [var.service]
}

run "a_name_without_room_for_the_names_of_rollouts_is_refused" {
  command = plan
  variables {
    service = { name = "churn-predicts" }
  }
  expect_failures = [var.service]
}

run "a_name_that_looks_like_another_door_is_refused" {
  command = plan
  variables {
    service = { name = "c-bigquery" }
  }
  expect_failures = [var.service]
}

run "everybody_as_a_member_is_refused" {
  command = plan
  variables {
    invokers  = { members = ["allUsers"] }
    dashboard = { members = ["allAuthenticatedUsers"] }
    bigquery  = { readers = ["allUsers"] }
  }
  expect_failures = [var.invokers, var.dashboard, var.bigquery]
}

run "a_member_without_its_kind_is_refused" {
  command = plan
  variables {
    invokers  = { members = ["crm@example.com"] }
    dashboard = { members = ["group: retention@example.com"] }
    bigquery  = { readers = ["principalSet:allUsers"] }
  }
  expect_failures = [var.invokers, var.dashboard, var.bigquery]
}

run "half_a_second_and_half_a_request_are_refused" {
  command = plan
  variables {
    service = { timeout_seconds = 1.5, rate_limit_per_key = 1.5 }
  }
  expect_failures = [var.service]
}

run "the_dashboard_stands_behind_the_proxy" {
  variables {
    dashboard = { members = ["group:retention@example.com"] }
  }
  assert {
    condition     = { for key, service in google_cloud_run_v2_service.predict : key => service.iap_enabled } == { api = false, bigquery = false, dashboard = true }
    error_message = "the proxy stands before every path of its service: the dashboard's alone"
  }
  assert {
    condition = [for grant in google_iap_web_cloud_run_service_iam_member.dashboard : "${grant.cloud_run_service_name} ${grant.role} ${grant.member}"] == [
      "churn-predict-dashboard roles/iap.httpsResourceAccessor group:retention@example.com"
    ]
    error_message = "members get through the proxy"
  }
  assert {
    condition = [for grant in google_cloud_run_v2_service_iam_member.proxy : "${grant.name} ${grant.role} ${grant.member}"] == [
      "churn-predict-dashboard roles/run.invoker serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com"
    ]
    error_message = "and the proxy gets through Cloud Run"
  }
  assert {
    condition     = contains(local.apis, "iap.googleapis.com")
    error_message = "its API is on"
  }
}

run "without_members_there_is_no_proxy" {
  assert {
    condition     = length(google_iap_web_cloud_run_service_iam_member.dashboard) == 0 && !contains(local.apis, "iap.googleapis.com") && output.dashboard == null
    error_message = "no proxy"
  }
}
