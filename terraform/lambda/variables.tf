# What a company decides about the Lambda function.

variable "canary" {
  description = "The version of the function that gets `percent` of the requests beside `live`; none: `live` gets all."
  type = object({
    percent = optional(number, 5)
    version = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.canary.percent > 0 && var.canary.percent < 100
    error_message = "canary.percent is above 0 and below 100; to give a version everything, make it `live`."
  }
}

variable "function" {
  description = "The function. `archive` is a zip file that holds the static binary under the name `bootstrap`."
  type = object({
    archive         = optional(string, "function.zip")
    log_days        = optional(number, 400)
    max_concurrency = optional(number, 10)
    memory_mb       = optional(number, 128)
    name            = optional(string, "churn-predict")
    timeout_seconds = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.function.max_concurrency >= 1
    error_message = "function.max_concurrency is at least 1: without a limit there is none to the bill either."
  }
  validation {
    condition     = var.function.memory_mb >= 128 && var.function.memory_mb <= 10240
    error_message = "function.memory_mb is 128 to 10240."
  }
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.function.log_days)
    error_message = "function.log_days is one of the retentions that CloudWatch knows, such as 30, 90 or 400."
  }
}

variable "invokers" {
  description = "Accounts and roles, by ARN, that may call the function's URL with signed requests."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.invokers : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(root|user/.+|role/.+)$", arn))])
    error_message = "invokers are ARNs of accounts, users or roles, never *."
  }
}

variable "live" {
  description = "The version that serves, such as \"3\"; none: the one that this apply publishes."
  type        = string
  default     = null

  validation {
    condition     = var.live == null || can(regex("^[1-9][0-9]*$", var.live))
    error_message = "live is the number of a published version, never $LATEST."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}
