# What a company decides. Every variable but `project` and `source_repository` has the default of a small company.

variable "alerts" {
  description = "Objectives of the service, and who hears when their error budget burns. `notification_channels` are resource names, `projects/P/notificationChannels/N`."
  type = object({
    availability          = optional(number, 0.9995)
    latency               = optional(object({ threshold_ms = optional(number, 100), goal = optional(number, 0.99) }), {})
    notification_channels = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alerts.availability >= 0.94 && var.alerts.availability < 1
    error_message = "alerts.availability is a share of at least 0.94, since no service can burn a larger budget fast, and below 1, such as 0.9995."
  }
  validation {
    condition     = var.alerts.latency.goal > 0.5 && var.alerts.latency.goal < 1 && var.alerts.latency.threshold_ms > 0
    error_message = "alerts.latency.goal is a share above 0.5 and below 1, and threshold_ms is above 0."
  }
  validation {
    condition     = alltrue([for c in var.alerts.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[^/]+$", c))])
    error_message = "alerts.notification_channels are names such as projects/P/notificationChannels/123."
  }
}

variable "attestation" {
  description = "Binary Authorization: with `enabled`, a KMS key signs what Cloud Build made, and the policy that is written for the project lets Cloud Run start nothing else there."
  type = object({
    enabled = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "bigquery" {
  description = "The remote function `churn.churn_probability` and the second, IAM-only service that answers it. `location` must be the location of the tables that are scored."
  type = object({
    enabled  = optional(bool, true)
    location = optional(string, "EU")
    max_rows = optional(number, 2000)
    readers  = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.bigquery.max_rows >= 1 && var.bigquery.max_rows <= 20000 && floor(var.bigquery.max_rows) == var.bigquery.max_rows
    error_message = "bigquery.max_rows, the rows of one call, is a whole number of 1 to 20000: more would not fit into the 8 MiB that the function reads."
  }
  validation {
    condition     = alltrue([for m in var.bigquery.readers : can(regex("^(user|group|serviceAccount|domain):[^ ]+$", m)) && !can(regex("(?i)all(Authenticated)?Users", m))])
    error_message = "bigquery.readers are people or accounts of yours, never everybody. Each begins with its kind, such as user:, group: or serviceAccount:."
  }
}

variable "budget" {
  description = "Monthly budget with mails at 50, 90 and 100 % and at a forecast of 100 %. `billing_account` such as 000000-000000-000000; none: no budget. `currency` is that of the account, if it is named at all."
  type = object({
    amount          = optional(number, 50)
    billing_account = optional(string)
    currency        = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.budget.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
    error_message = "budget.billing_account looks like 01AB23-45CD67-89EF01."
  }
  validation {
    condition     = var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount
    error_message = "budget.amount is whole units of the currency, at least 1."
  }
}

variable "canary" {
  description = "Shares of traffic, in percent, that a new revision gets before all of it, how long each is watched, and whether each is verified by calls to it."
  type = object({
    percentages  = optional(list(number), [5, 25, 50])
    verify       = optional(bool, true)
    wait_minutes = optional(number, 15)
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(var.canary.percentages) > 0 && alltrue([for p in var.canary.percentages : p > 0 && p <= 50 && floor(p) == p])
    error_message = "canary.percentages are whole numbers of 1 to 50, since the alert of a canary tells it by its smaller share; Cloud Deploy adds the 100 itself."
  }
  validation {
    condition     = alltrue([for i in range(1, max(1, length(var.canary.percentages))) : var.canary.percentages[i - 1] < var.canary.percentages[i]])
    error_message = "canary.percentages grow."
  }
  validation {
    condition     = var.canary.wait_minutes >= 5 && floor(var.canary.wait_minutes) == var.canary.wait_minutes && length(var.canary.percentages) * (var.canary.wait_minutes + 10) + 15 <= 22 * 60
    error_message = "canary.wait_minutes is whole minutes, at least 5 (an alert needs that long to see anything), and all shares together last 22 hours at most, since Cloud Monitoring looks back a day."
  }
}

variable "dashboard" {
  description = "Who may open the page at `/` in a browser, by Identity-Aware Proxy: members such as group:retention@example.com. None: no browser gets in, and there is no proxy."
  type = object({
    members = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for m in var.dashboard.members : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):[^ ]+$", m)) && !can(regex("(?i)all(Authenticated)?Users", m))])
    error_message = "dashboard.members are people or groups of yours, never everybody. Each begins with its kind, such as user:, group: or serviceAccount:."
  }
}

variable "deletion_protection" {
  description = "Keeps Terraform from deleting the services and the data sets. Set it to false and apply, before a `terraform destroy`."
  type        = bool
  default     = true
  nullable    = false
}

variable "image" {
  description = "The image that the services are created with, by digest. Cloud Deploy replaces it with the first release, and Terraform never looks at it again. Default: Google's public hello page, which serves nothing of ours."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[a-z0-9.-]+(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image is pinned by its digest, HOST/PATH@sha256:64 hex digits, never by a tag."
  }
}

variable "invokers" {
  description = "Members that Cloud Run lets through to the service, such as serviceAccount:crm@example.iam.gserviceaccount.com. Everybody only by `public = true`; API keys are then what is asked for."
  type = object({
    members = optional(list(string), [])
    public  = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for m in var.invokers.members : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):[^ ]+$", m)) && !can(regex("(?i)all(Authenticated)?Users", m))])
    error_message = "invokers.members name somebody. To let everybody through, say so by invokers.public = true. Each begins with its kind, such as user:, group: or serviceAccount:."
  }
}

variable "limits" {
  description = "The most that the service may be asked to do: `requests_per_second` is the promise to everything behind and to the bill, for one key over all instances."
  type = object({
    requests_per_second = optional(number, 1000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.service.rate_limit_per_key * var.service.max_instances <= var.limits.requests_per_second
    error_message = "Each instance counts for itself: service.rate_limit_per_key times service.max_instances must not be more than limits.requests_per_second."
  }
}

variable "predictions" {
  description = "Where logged predictions go, and how many days they are kept there."
  type = object({
    expiry_days = optional(number, 400)
    location    = optional(string, "EU")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.predictions.expiry_days >= 1 && var.predictions.expiry_days <= 3650 && floor(var.predictions.expiry_days) == var.predictions.expiry_days
    error_message = "predictions.expiry_days is whole days, 1 to 3650: a log of customers that is kept for ever is not offered."
  }
}

variable "project" {
  description = "Id of the Google Cloud project. It exists already and has billing."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is a project id: 6 to 30 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "region" {
  description = "Region of everything that has one. Cloud Run, Cloud Deploy, Cloud Build and Cloud Scheduler must be there."
  type        = string
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is a region such as europe-west1, not a zone."
  }
}

variable "retraining" {
  description = "When the model is trained anew (five fields of cron), and the object of labelled customers in the bucket that it is trained on."
  type = object({
    data      = optional(string, "labelled/current.csv")
    schedule  = optional(string, "0 2 * * 1")
    time_zone = optional(string, "Etc/UTC")
  })
  default  = {}
  nullable = false

  validation {
    condition = (
      length(split(" ", var.retraining.schedule)) == 5 &&
      alltrue([for i, field in split(" ", var.retraining.schedule) : alltrue([for part in split(",", field) : can(regex(
        "^([*]|${local.cron[i]}(-${local.cron[i]})?)(/[1-9][0-9]?)?$", part
      ))])])
    )
    error_message = "retraining.schedule is five fields, minute hour day month weekday, each within its range, such as \"0 2 * * 1\"."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]*[.](csv|ndjson|jsonl|parquet)$", var.retraining.data))
    error_message = "retraining.data is the name of an object in the bucket that ends in .csv, .ndjson, .jsonl or .parquet."
  }
}

variable "service" {
  description = "The API. `rate_limit_per_key` is per second and instance. `variant`: `standard` is 1 vCPU and 250 requests at a time, `small` 0.08 vCPU and one at a time, at a twelfth of the price."
  type = object({
    max_in_flight      = optional(number, 250)
    max_instances      = optional(number, 10)
    name               = optional(string, "churn-predict")
    rate_limit_per_key = optional(number, 100)
    timeout_seconds    = optional(number, 300)
    variant            = optional(string, "standard")
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,11}[a-z0-9]$", var.service.name)) && !can(regex("-(bigquery|dashboard)$", var.service.name))
    error_message = "service.name is 2 to 13 lower-case letters, digits and hyphens: Cloud Deploy names a rollout by release and service together, in 63 characters. It does not end as the other two services do, in -bigquery or -dashboard."
  }
  validation {
    condition     = var.service.max_instances >= 1 && floor(var.service.max_instances) == var.service.max_instances
    error_message = "service.max_instances is a whole number, at least 1: without a limit there is none to the bill either."
  }
  validation {
    condition     = var.service.timeout_seconds >= 1 && var.service.timeout_seconds <= 3600 && floor(var.service.timeout_seconds) == var.service.timeout_seconds
    error_message = "service.timeout_seconds is whole seconds, 1 to 3600."
  }
  validation {
    condition     = contains(["standard", "small"], var.service.variant)
    error_message = "service.variant is standard or small."
  }
  validation {
    condition     = var.service.rate_limit_per_key >= 1 && floor(var.service.rate_limit_per_key) == var.service.rate_limit_per_key
    error_message = "service.rate_limit_per_key is a whole number, at least 1 a second."
  }
  validation {
    condition     = var.service.max_in_flight >= 1 && floor(var.service.max_in_flight) == var.service.max_in_flight
    error_message = "service.max_in_flight is a whole number, at least 1."
  }
}

variable "source_repository" {
  description = "The repository that Cloud Build reads: the resource name of a second-generation connection's repository, projects/P/locations/L/connections/C/repositories/R (see the guide), and the branch that ships."
  type = object({
    branch     = optional(string, "main")
    repository = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]*$", var.source_repository.branch))
    error_message = "source_repository.branch is the name of a branch, such as main."
  }
  validation {
    condition     = can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.source_repository.repository))
    error_message = "source_repository.repository is projects/P/locations/L/connections/C/repositories/R."
  }
}
