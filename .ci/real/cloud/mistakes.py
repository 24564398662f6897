"""Mistakes that somebody may make in `terraform/`, and the check that must catch each.

A mistake is one replacement in one file. `caught_by` names the check (`test NAME` is tests/NAME.tftest.hcl), `says` is a part
of what the check prints, so that a mistake which is refused for another reason does not count as caught.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mistake:
    name: str
    file: str
    right: str
    wrong: str
    caught_by: str
    says: str


def mistake(*fields):
    return Mistake(*fields)


MISTAKES = [
    mistake("untidy layout", "storage.tf", "  force_destroy               = false", "  force_destroy = false", "fmt", "storage.tf"),
    mistake("misspelt attribute", "service.tf", "execution_environment ", "execution_enviroment ", "validate", 'An argument named "execution_enviroment" is not expected here'),
    mistake("misspelt block", "service.tf", "startup_probe {", "startup_probes {", "validate", 'Blocks of type "startup_probes" are not expected here'),
    mistake("wrong type", "registry.tf", "immutable_tags = true", 'immutable_tags = "sometimes"', "validate", "a bool is required"),
    mistake("missing block", "secrets.tf", "  replication {\n    user_managed {\n      replicas {\n        location = var.region\n      }\n    }\n  }\n", "", "validate", "Insufficient replication blocks"),
    mistake("missing attribute", "scheduler.tf", "    uri         = ", "    # uri       = ", "validate", 'The argument "uri" is required'),
    mistake("value outside the list", "service.tf", '"EXECUTION_ENVIRONMENT_GEN1"', '"GEN1"', "validate", "expected execution_environment to be one of"),
    mistake("setting of what the cloud sets", "registry.tf", '  format        = "GENERIC"', '  format        = "GENERIC"\n  create_time   = "2026-01-01T00:00:00Z"', "validate", "create_time"),
    mistake("reference to nothing", "build.tf", "google_storage_bucket.churn.name", "google_storage_bucket.models.name", "validate", "Reference to undeclared resource"),
    mistake("block that may stand once, twice", "storage.tf", "  versioning {\n    enabled = true\n  }\n", "  versioning {\n    enabled = true\n  }\n  versioning {\n    enabled = true\n  }\n", "validate", "Too many versioning blocks"),
    mistake("bad cron", "variables.tf", '"0 2 * * 1")', '"0 26 * * 1")', "test build", "retraining.schedule is five fields"),
    mistake("another hour", "variables.tf", '"0 2 * * 1")', '"0 3 * * 1")', "test build", "Monday 02:00 UTC"),
    mistake("everybody lets himself in", "iam.tf", "count = var.invokers.public ? 1 : 0", "count = 1", "test identity", "Cloud Run lets through only who is named"),
    mistake("everybody who has an account", "variables.tf", 'for m in var.dashboard.members : can(', 'for m in var.dashboard.members : true || can(', "test service", "everybody_as_a_member_is_refused"),
    mistake("everybody at BigQuery's door", "iam.tf", 'name     = google_cloud_run_v2_service.predict["api"].name\n  location = var.region\n  role     = "roles/run.invoker"\n  member   = "allUsers"', 'name     = google_cloud_run_v2_service.predict["bigquery"].name\n  location = var.region\n  role     = "roles/run.invoker"\n  member   = "allUsers"', "test identity", "the API, which asks for keys"),
    mistake("an owner", "iam.tf", '"roles/clouddeploy.operator"', '"roles/owner"', "test identity", "roles on the project"),
    mistake("a build that may replace", "iam.tf", '"roles/storage.objectCreator"', '"roles/storage.objectAdmin"', "test identity", "objectCreator cannot replace"),
    mistake("a role for the wrong identity", "secrets.tf", 'google_service_account.this["serve"].member', 'google_service_account.this["build"].member', "test identity", "the two secrets, for the function alone"),
    mistake("an image by tag", "variables.tf", "@sha256:[0-9a-f]{64}$", "", "test service", "an_image_by_tag_is_refused"),
    mistake("more instances than the limit allows", "variables.tf", "max_instances      = optional(number, 10)", "max_instances      = optional(number, 20)", "test created", "must not be more than limits.requests_per_second"),
    mistake("a template that Terraform takes back", "service.tf", "ignore_changes = [template, traffic, ", "ignore_changes = [traffic, ", "test service", "after the creation the template is Cloud Deploy's"),
    mistake("snapshots that never go", "storage.tf", 'matches_prefix = ["snapshots/"]', 'matches_prefix = ["snapshot/"]', "test storage", "customers' data goes in time"),
    mistake("the wrong probe", "service.tf", 'path = "/health/live"', 'path = "/healthz"', "test service", "probes on our own paths"),
    mistake("the proxy before the API", "service.tf", "wanted = true, iap = false", "wanted = true, iap = true", "test service", "the proxy stands before every path"),
    mistake("a public bucket", "storage.tf", '"enforced"', '"inherited"', "checkov", "CKV_GCP_114"),
    mistake("a bucket without versions", "storage.tf", "enabled = true", "enabled = false", "checkov", "CKV_GCP_78"),
    mistake("variables out of order", "variables.tf", 'variable "alerts" {', 'variable "zalerts" {', "order", "variables.tf"),
    mistake("a setting that nobody reads", "scheduler.tf", "= var.retraining.time_zone", '= "Etc/UTC"', "settings", "var.retraining.time_zone is read nowhere"),
    mistake("a check that cannot say who it is", "iam.tf", '"roles/iam.serviceAccountOpenIdTokenCreator"', '"roles/iam.serviceAccountUser"', "test identity", "a check of a revision says who it is"),
    mistake("a release that customers' tables are open to", "iam.tf", 'for folder in ["champions", "releases"]', 'for folder in ["champions", "labelled"]', "test identity", "never a customer"),
    mistake("what is rendered goes with its sources", "delivery.tf", "churn.url}/rendered", "churn.url}/releases", "test watch", "lies where nothing is deleted"),
    mistake("an older release that is let through", "delivery.tf", '"check-champion"', '"move-champion"', "test watch", "and is looked at before"),
    mistake("a name that is too long", "variables.tf", "{0,11}", "{0,38}", "test service", "a_name_without_room"),
    mistake("a trigger that tells what no build reads", "build.tf", "_TARGET           =", "_TARGETS          =", "builds", "_TARGETS"),
    mistake("a trigger of a file that is not there", "build.tf", '"cloudbuild.yaml"', '"cloudbuild.yml"', "builds", "cloudbuild.yml"),
    mistake("a public function URL", "lambda/function.tf", '"AWS_IAM"', '"NONE"', "test of lambda", "nobody calls without a signature"),
    mistake("the latest code behind the alias", "lambda/function.tf", "coalesce(var.live, aws_lambda_function.predict.version)", '"$LATEST"', "test of lambda", "the published version gets everything"),
]
