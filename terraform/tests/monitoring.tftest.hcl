mock_provider "aws" {}

variables {
  name                    = "lake"
  account_id              = "123456789012"
  region                  = "us-east-1"
  alert_emails            = ["data@example.com"]
  logs_bucket             = "l"
  audited_bucket_arns     = ["arn:aws:s3:::b", "arn:aws:s3:::g"]
  dms                     = { task_identifier = "lake-capture", task_resource_id = "ABC", instance_identifier = "lake-capture" }
  cluster_name            = "lake"
  services                = ["query-gateway", "ingest-service"]
  load_balancer_dimension = "app/lake/1"
  target_group_dimensions = { query-gateway = "targetgroup/g/1" }
  database_identifier     = "lake-control"
  queue_names             = { landing = { queue = "lake-landing", dead_letters = "lake-landing-dead-letters" } }
  workgroups              = ["primary"]
  job_names               = { "silver.customer" = "lake-bronze_to_silver_customer" }
}

run "alarms" {
  command = plan

  module {
    source = "./modules/monitoring"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.cdc_latency["Source"].dimensions == tomap({ ReplicationInstanceIdentifier = "lake-capture", ReplicationTaskIdentifier = "ABC" })
    error_message = "CDC latency has both dimensions, the task's by its ARN's last part."
  }
  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.freshness) == ["gold", "silver"] && length(aws_cloudwatch_metric_alarm.service_down) == 2 && length(aws_cloudwatch_metric_alarm.server_errors) == 2
    error_message = "Freshness, services, errors."
  }
  assert {
    condition     = length(aws_dms_event_subscription.task) == 2
    error_message = "DMS tells about failures of the task and the instance."
  }
  assert {
    condition     = length(aws_sns_topic.this) == 3 && length(aws_sns_topic_subscription.email) == 3 && aws_kms_key.alerts.enable_key_rotation
    error_message = "Three encrypted topics, each told to somebody."
  }
  assert {
    condition     = contains(flatten([for statement in jsondecode(aws_sns_topic_policy.this["jobs"].policy).Statement : statement.Principal.Service if statement.Effect == "Allow"]), "events.amazonaws.com")
    error_message = "EventBridge may tell about failed jobs."
  }
  assert {
    condition     = alltrue([for topic in ["pipeline", "cost"] : alltrue([for statement in jsondecode(aws_sns_topic_policy.this[topic].policy).Statement : can(statement.Condition)])])
    error_message = "Everybody else may only for this account."
  }
  assert {
    condition     = length(aws_cloudtrail.this[0].advanced_event_selector) == 2 && aws_cloudtrail.this[0].enable_log_file_validation
    error_message = "The trail has data events and can be proven."
  }
  assert {
    condition     = alltrue([for dashboard in aws_cloudwatch_dashboard.this : length(jsondecode(dashboard.dashboard_body).widgets) >= 3])
    error_message = "Dashboards: pipeline, queries, services."
  }
}

run "serverless" {
  command = plan

  module {
    source = "./modules/monitoring"
  }

  variables {
    dms = { task_identifier = "lake-capture", task_resource_id = "ABC" }
  }

  assert {
    condition     = length(aws_dms_event_subscription.task) == 1 && aws_cloudwatch_metric_alarm.cdc_latency["Target"].dimensions == tomap({ ReplicationTaskIdentifier = "ABC" })
    error_message = "Serverless has no instance."
  }
}

run "own_engine" {
  command = plan

  module {
    source = "./modules/monitoring"
  }

  variables {
    dms           = null
    trail_enabled = false
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.cdc_latency) == 0 && length(aws_dms_event_subscription.task) == 0 && output.trail_arn == null
    error_message = "No DMS, no alarm about it."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/monitoring"
  }

  variables {
    # Nobody hears.
    alert_emails = []
    # Nothing audited.
    audited_bucket_arns = []
    # Latency below what dms can do.
    cdc_latency_seconds = 5
    # Freshness of an unknown layer.
    freshness_seconds = { platinum = 600 }
  }

  expect_failures = [var.alert_emails, var.audited_bucket_arns, var.cdc_latency_seconds, var.freshness_seconds]
}

run "refuses_also" {
  command = plan

  module {
    source = "./modules/monitoring"
  }

  variables {
    # No address.
    alert_emails = ["data team"]
  }

  expect_failures = [var.alert_emails]
}
