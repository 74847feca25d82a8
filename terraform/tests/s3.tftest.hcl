mock_provider "aws" {}

variables {
  name       = "lake"
  account_id = "123456789012"
  region     = "us-east-1"
}

run "six_buckets" {
  command = plan

  module {
    source = "./modules/s3"
  }

  assert {
    condition     = output.bucket_names["bronze"] == "lake-bronze-123456789012" && length(output.bucket_names) == 6
    error_message = "Buckets are named as the plan says."
  }
  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.this : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "Nothing is public."
  }
  assert {
    condition = alltrue([for policy in aws_s3_bucket_policy.this : anytrue([for statement in jsondecode(policy.policy).Statement :
    statement.Effect == "Deny" && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"])])
    error_message = "Every bucket refuses what does not come over TLS."
  }
  assert {
    condition     = alltrue([for purpose in ["bronze", "silver", "gold", "scripts"] : contains(keys(aws_s3_bucket_versioning.this), purpose)])
    error_message = "The lake and the scripts are versioned."
  }
  assert {
    condition     = length(aws_s3_bucket_logging.this) == 5 && !contains(keys(aws_s3_bucket_logging.this), "logs")
    error_message = "All but the log bucket itself log access."
  }
  assert {
    condition = flatten([for rule in aws_s3_bucket_lifecycle_configuration.this["bronze"].rule : [for transition in rule.transition : "${transition.days} ${transition.storage_class}"]]) == ["90 STANDARD_IA", "180 GLACIER_IR"] || (
    length(setsubtract(["90 STANDARD_IA", "180 GLACIER_IR"], flatten([for rule in aws_s3_bucket_lifecycle_configuration.this["bronze"].rule : [for transition in rule.transition : "${transition.days} ${transition.storage_class}"]]))) == 0)
    error_message = "Bronze cools down after 90 and 180 days."
  }
  assert {
    condition     = alltrue(flatten([for purpose in ["bronze", "silver", "gold"] : [for rule in aws_s3_bucket_lifecycle_configuration.this[purpose].rule : [for transition in rule.transition : !contains(["GLACIER", "DEEP_ARCHIVE"], transition.storage_class)]]]))
    error_message = "Nothing in the lake goes where Athena and Hudi cannot read it."
  }
  assert {
    condition     = contains(flatten([for rule in aws_s3_bucket_lifecycle_configuration.this["athena-results"].rule : [for expiration in rule.expiration : expiration.days]]), 30)
    error_message = "Results go after 30 days."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/s3"
  }

  variables {
    # Results kept too long.
    results_days = 365
    # Audit kept too short.
    log_days = 30
    # No way back.
    noncurrent_days = 0
  }

  expect_failures = [var.results_days, var.log_days, var.noncurrent_days]
}
