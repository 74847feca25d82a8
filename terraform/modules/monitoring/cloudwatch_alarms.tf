locals {
  pipeline = [aws_sns_topic.this["pipeline"].arn]
  jobs     = [aws_sns_topic.this["jobs"].arn]

  dms_dimensions = var.dms == null ? {} : merge(
    { ReplicationTaskIdentifier = var.dms.task_resource_id },
    var.dms.instance_identifier == null ? {} : { ReplicationInstanceIdentifier = var.dms.instance_identifier },
  )
}

# ------------------------------------------------------------------ capture

resource "aws_cloudwatch_metric_alarm" "cdc_latency" {
  for_each = toset([for side in ["Source", "Target"] : side if var.dms != null])

  alarm_name          = "${var.name}-cdc-latency-${lower(each.key)}"
  alarm_description   = each.key == "Source" ? "DMS falls behind reading the source. Look at the source's load, then at the slot (docs/DEPLOYMENT.md)." : "DMS falls behind writing to Bronze. Look at the task's log."
  namespace           = "AWS/DMS"
  metric_name         = "CDCLatency${each.key}"
  dimensions          = local.dms_dimensions
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.cdc_latency_seconds
  # A task that runs always reports: silence is trouble.
  treat_missing_data = "breaching"
  alarm_actions      = local.pipeline
  ok_actions         = local.pipeline
}

resource "aws_dms_event_subscription" "task" {
  for_each = toset([for kind in ["replication-task", "replication-instance"] : kind if var.dms != null && (kind == "replication-task" || try(var.dms.instance_identifier, null) != null)])

  name             = "${var.name}-${each.key}"
  enabled          = true
  source_type      = each.key
  source_ids       = [each.key == "replication-task" ? var.dms.task_identifier : var.dms.instance_identifier]
  event_categories = each.key == "replication-task" ? ["failure", "state change", "deletion"] : ["failure", "failover", "low storage", "deletion"]
  sns_topic_arn    = aws_sns_topic.this["pipeline"].arn
}

# ------------------------------------------------------------------ jobs

resource "aws_cloudwatch_event_rule" "job_failed" {
  name        = "${var.name}-job-failed"
  description = "A Glue run of this lakehouse failed or timed out."
  event_pattern = jsonencode({
    source      = ["aws.glue"]
    detail-type = ["Glue Job State Change"]
    detail      = { jobName = [{ prefix = "${var.name}-" }], state = ["FAILED", "TIMEOUT", "ERROR"] }
  })
}

resource "aws_cloudwatch_event_target" "job_failed" {
  rule      = aws_cloudwatch_event_rule.job_failed.name
  target_id = "jobs"
  arn       = aws_sns_topic.this["jobs"].arn

  input_transformer {
    input_paths    = { job = "$.detail.jobName", run = "$.detail.jobRunId", state = "$.detail.state", message = "$.detail.message" }
    input_template = "\"Glue job <job>, run <run>: <state>. <message>\""
  }
}

# ------------------------------------------------------------------ freshness

resource "aws_cloudwatch_metric_alarm" "freshness" {
  for_each = var.freshness_seconds

  alarm_name          = "${var.name}-freshness-${each.key}"
  alarm_description   = "The oldest captured change that is not visible in ${each.key} is older than ${each.value} s. ./lakegate status and GET /api/v1/datasets say why."
  namespace           = var.metrics_namespace
  metric_name         = "LagSeconds"
  dimensions          = { Lakehouse = var.name, Layer = each.key }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value
  treat_missing_data  = "missing"
  alarm_actions       = local.pipeline
  ok_actions          = local.pipeline
}

# ------------------------------------------------------------------ services

# Each task reports CPU once a minute, so the number of reports is the number of tasks; no paid Container Insights needed.
resource "aws_cloudwatch_metric_alarm" "service_down" {
  for_each = var.services

  alarm_name          = "${var.name}-${each.key}-down"
  alarm_description   = "No task of ${each.key} runs. ECS's events of the service say why."
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  dimensions          = { ClusterName = var.cluster_name, ServiceName = each.key }
  statistic           = "SampleCount"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = local.pipeline
  ok_actions          = local.pipeline
}

resource "aws_cloudwatch_metric_alarm" "service_memory" {
  for_each = var.services

  alarm_name          = "${var.name}-${each.key}-memory"
  alarm_description   = "${each.key} uses more than 90 % of its memory: raise it before the task is killed."
  namespace           = "AWS/ECS"
  metric_name         = "MemoryUtilization"
  dimensions          = { ClusterName = var.cluster_name, ServiceName = each.key }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.pipeline
}

resource "aws_cloudwatch_metric_alarm" "unhealthy" {
  for_each = var.target_group_dimensions

  alarm_name          = "${var.name}-${each.key}-unhealthy"
  alarm_description   = "The load balancer finds no healthy task of ${each.key}. Its /q/health/ready says which check fails."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  dimensions          = { LoadBalancer = var.load_balancer_dimension, TargetGroup = each.value }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = local.pipeline
  ok_actions          = local.pipeline
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  for_each = toset(["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"])

  alarm_name          = "${var.name}-${each.key == "HTTPCode_Target_5XX_Count" ? "service" : "load-balancer"}-5xx"
  alarm_description   = "More than five answers 5xx in five minutes. The request ids in the services' logs lead to the causes."
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.key
  dimensions          = { LoadBalancer = var.load_balancer_dimension }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.pipeline
}

# ------------------------------------------------------------------ what the services stand on

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each = {
    storage = { metric = "FreeStorageSpace", comparison = "LessThanThreshold", threshold = 2147483648, text = "less than 2 GB of storage left" }
    cpu     = { metric = "CPUUtilization", comparison = "GreaterThanThreshold", threshold = 90, text = "CPU above 90 %" }
  }

  alarm_name          = "${var.name}-control-database-${each.key}"
  alarm_description   = "Control database: ${each.value.text}."
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = var.database_identifier }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = "breaching"
  alarm_actions       = local.pipeline
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = var.queue_names

  alarm_name          = "${var.name}-${each.key}-dead-letters"
  alarm_description   = "A message of ${each.value.queue} could not be handled; the services catch up by listing, but the cause stays."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value.dead_letters }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.pipeline
}
