mock_provider "aws" {}

variables {
  name           = "lake"
  monthly_budget = 200
  alert_emails   = ["data@example.com"]
  topic_arn      = "arn:aws:sns:us-east-1:123456789012:lake-cost"
}

run "budget" {
  command = plan

  module {
    source = "./modules/cost"
  }

  assert {
    condition     = aws_budgets_budget.monthly.limit_amount == "200" && length(aws_budgets_budget.monthly.notification) == 4
    error_message = "Told at half, at most, at all of it, and when it is foreseen."
  }
  assert {
    condition     = one(aws_budgets_budget.monthly.cost_filter).values == tolist(["user:Project$lake"])
    error_message = "Only this project's cost counts."
  }
  assert {
    condition     = jsondecode(aws_ce_anomaly_monitor.this.monitor_specification).Tags.Values == ["lake"]
    error_message = "Anomalies of this project."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/cost"
  }

  variables {
    # Budget too small.
    monthly_budget = 1
    # Nobody hears.
    alert_emails = []
    # Every cent.
    anomaly_dollars = 0
  }

  expect_failures = [var.monthly_budget, var.alert_emails, var.anomaly_dollars]
}
