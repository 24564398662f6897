# A budget does not stop anything: it writes to those who pay. What does stop is `service.max_instances`.
locals {
  budgeted = var.budget.billing_account != null
}

resource "google_billing_budget" "churn" {
  count = local.budgeted ? 1 : 0

  billing_account = var.budget.billing_account
  display_name    = "churn"

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(var.budget.amount)
    }
  }

  budget_filter {
    calendar_period = "MONTH"
    projects        = ["projects/${data.google_project.this.number}"]
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }
  threshold_rules {
    spend_basis       = "FORECASTED_SPEND"
    threshold_percent = 1
  }

  # Five channels are the most that a budget takes.
  dynamic "all_updates_rule" {
    for_each = length(var.alerts.notification_channels) > 0 ? [true] : []
    content {
      monitoring_notification_channels = slice(var.alerts.notification_channels, 0, min(5, length(var.alerts.notification_channels)))
    }
  }

  depends_on = [google_project_service.this]
}
