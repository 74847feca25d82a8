mock_provider "aws" {}

variables {
  name           = "lake"
  account_id     = "123456789012"
  region         = "us-east-1"
  bronze_bucket  = "lake-bronze-123456789012"
  landing_prefix = "landing/"
}

run "with_dms" {
  command = plan

  module {
    source = "./modules/events"
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.this : queue.sqs_managed_sse_enabled]) && length(aws_sqs_queue.this) == 2 && length(aws_sqs_queue.dead_letters) == 2
    error_message = "Two encrypted queues, each with a dead-letter queue."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_policy.this["landing"].policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == "arn:aws:s3:::lake-bronze-123456789012"
    error_message = "Only the Bronze bucket may send."
  }
  assert {
    condition     = aws_s3_bucket_notification.landing[0].queue[0].filter_prefix == "landing/"
    error_message = "Only landed files are announced, not the Bronze that is made of them."
  }
}

run "own_engine" {
  command = plan

  module {
    source = "./modules/events"
  }

  variables {
    landing_prefix = null
  }

  assert {
    condition     = length(aws_s3_bucket_notification.landing) == 0 && keys(output.queue_arns) == ["glue-runs"]
    error_message = "Nothing lands without DMS."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/events"
  }

  variables {
    # Landing in the whole bucket.
    landing_prefix = ""
    # Too few attempts.
    attempts = 1
  }

  expect_failures = [var.landing_prefix, var.attempts]
}
