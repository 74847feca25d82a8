output "task_arn" {
  description = "The task, or the serverless replication."
  value       = var.deployment == "instance" ? aws_dms_replication_task.this[0].replication_task_arn : aws_dms_replication_config.this[0].arn
}

output "task_resource_id" {
  description = "Last part of the task's ARN, which is its dimension in CloudWatch."
  value       = var.deployment == "instance" ? element(split(":", aws_dms_replication_task.this[0].replication_task_arn), 6) : element(split(":", aws_dms_replication_config.this[0].arn), 6)
}

output "instance_identifier" {
  description = "Identifier of the replication instance; null when serverless."
  value       = var.deployment == "instance" ? "${var.name}-capture" : null
  depends_on  = [aws_dms_replication_instance.this]
}

output "task_identifier" {
  description = "Identifier of the task or the serverless replication."
  value       = "${var.name}-capture"
  depends_on  = [aws_dms_replication_task.this, aws_dms_replication_config.this]
}

output "endpoint_arns" {
  description = "Endpoints: source and bronze."
  value       = { source = aws_dms_endpoint.source.endpoint_arn, bronze = aws_dms_s3_endpoint.bronze.endpoint_arn }
}
