# Three dashboards are free in an account.

locals {
  widget = { type = "metric", width = 12, height = 6 }
  view   = { region = var.region, view = "timeSeries", period = 60 }

  dashboards = {
    pipeline = concat(
      [for title, metrics in {
        "CDC latency, seconds" = [for side in ["Source", "Target"] : concat(["AWS/DMS", "CDCLatency${side}"], flatten([for name, value in local.dms_dimensions : [name, value]]), [{ stat = "Maximum" }])]
      } : { title = title, metrics = metrics } if var.dms != null],
      [
        { title = "Age of the oldest change that is not visible, seconds", metrics = [for layer in keys(var.freshness_seconds) : [var.metrics_namespace, "LagSeconds", "Lakehouse", var.name, "Layer", layer, { stat = "Maximum" }]] },
        { title = "Glue runs: elapsed time, ms", metrics = [for job in values(var.job_names) : ["Glue", "glue.driver.aggregate.elapsedTime", "JobName", job, "JobRunId", "ALL", "Type", "count", { stat = "Maximum" }]] },
        { title = "Messages waiting", metrics = [for queue in values(var.queue_names) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.queue, { stat = "Maximum" }]] },
      ],
    )
    queries = [
      { title = "Bytes scanned", metrics = [for workgroup in var.workgroups : ["AWS/Athena", "ProcessedBytes", "WorkGroup", workgroup, { stat = "Sum" }]] },
      { title = "Time of queries, ms (p95)", metrics = [for workgroup in var.workgroups : ["AWS/Athena", "TotalExecutionTime", "WorkGroup", workgroup, { stat = "p95" }]] },
      { title = "Time in the queue, ms (p95)", metrics = [for workgroup in var.workgroups : ["AWS/Athena", "QueryQueueTime", "WorkGroup", workgroup, { stat = "p95" }]] },
      { title = "Gateway: time to answer, seconds", metrics = [["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.load_balancer_dimension, { stat = "p50" }], ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.load_balancer_dimension, { stat = "p99" }]] },
    ]
    services = [
      { title = "CPU, %", metrics = [for service in var.services : ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster_name, "ServiceName", service, { stat = "Average" }]] },
      { title = "Memory, %", metrics = [for service in var.services : ["AWS/ECS", "MemoryUtilization", "ClusterName", var.cluster_name, "ServiceName", service, { stat = "Maximum" }]] },
      { title = "Requests and 5xx", metrics = [for metric in ["RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"] : ["AWS/ApplicationELB", metric, "LoadBalancer", var.load_balancer_dimension, { stat = "Sum" }]] },
      { title = "Control database", metrics = [["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", var.database_identifier, { stat = "Average" }], ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.database_identifier, { stat = "Maximum" }]] },
    ]
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = local.dashboards

  dashboard_name = "${var.name}-${each.key}"
  dashboard_body = jsonencode({
    widgets = [for index, widget in each.value : merge(local.widget, {
      x          = (index % 2) * 12
      y          = floor(index / 2) * 6
      properties = merge(local.view, { title = widget.title, metrics = widget.metrics })
    })]
  })
}
