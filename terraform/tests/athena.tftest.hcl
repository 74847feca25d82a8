mock_provider "aws" {}

variables {
  name           = "lake"
  account_id     = "123456789012"
  results_bucket = "r"
  workgroups = {
    primary        = { name = "primary", description = "Others.", personas = ["LakeFormationAdmin"] }
    analytics-team = { name = "analytics-team", description = "BI.", personas = ["DataAnalyst"] }
  }
  tiers               = ["enterprise"]
  bytes_scanned_limit = { default = 1073741824, analytics-team = 2147483648 }
  queries             = { revenue = { name = "revenue", title = "Revenue", description = "By month.", workgroup = "analytics-team", database = "lakehouse_gold", sql = "SELECT 1" } }
}

run "enforced" {
  command = plan

  module {
    source = "./modules/athena"
  }

  assert {
    condition     = alltrue([for workgroup in aws_athena_workgroup.this : workgroup.configuration[0].enforce_workgroup_configuration && workgroup.configuration[0].result_configuration[0].encryption_configuration[0].encryption_option == "SSE_S3"])
    error_message = "Settings are enforced and results encrypted."
  }
  assert {
    condition     = length(distinct([for workgroup in aws_athena_workgroup.this : workgroup.configuration[0].result_configuration[0].output_location])) == 3
    error_message = "Each workgroup has a place of its own for results."
  }
  assert {
    condition     = aws_athena_workgroup.this["analytics-team"].configuration[0].bytes_scanned_cutoff_per_query == 2147483648 && aws_athena_workgroup.this["lake-tier-enterprise"].configuration[0].bytes_scanned_cutoff_per_query == 1073741824
    error_message = "Limits by workgroup."
  }
  assert {
    condition     = aws_athena_named_query.this["revenue"].name == "Revenue"
    error_message = "Saved queries are offered by their title."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/athena"
  }

  variables {
    # No default limit.
    bytes_scanned_limit = { primary = 1073741824 }
    # Empty query.
    queries = { empty = { name = "empty", title = "Empty", description = "Nothing.", workgroup = "primary", database = "lakehouse_gold", sql = "" } }
  }

  expect_failures = [var.bytes_scanned_limit, var.queries]
}

run "refuses_also" {
  command = plan

  module {
    source = "./modules/athena"
  }

  variables {
    # Limit too high.
    bytes_scanned_limit = { default = 10995116277760 }
  }

  expect_failures = [var.bytes_scanned_limit]
}
