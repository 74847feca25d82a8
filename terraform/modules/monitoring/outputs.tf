output "topic_arns" {
  description = "Topics by purpose."
  value       = local.topic_arns
  depends_on  = [aws_sns_topic.this]
}

output "alert_key_alias" {
  description = "Alias of the topics' KMS key."
  value       = "alias/${var.name}-alerts"
  depends_on  = [aws_kms_alias.alerts]
}

output "alarm_names" {
  description = "All alarms."
  value = sort(concat(
    [for alarm in values(aws_cloudwatch_metric_alarm.cdc_latency) : alarm.alarm_name],
    [for alarm in values(aws_cloudwatch_metric_alarm.freshness) : alarm.alarm_name],
    [for alarm in values(aws_cloudwatch_metric_alarm.service_down) : alarm.alarm_name],
    [for alarm in values(aws_cloudwatch_metric_alarm.service_memory) : alarm.alarm_name],
    [for alarm in values(aws_cloudwatch_metric_alarm.unhealthy) : alarm.alarm_name],
    [for alarm in values(aws_cloudwatch_metric_alarm.server_errors) : alarm.alarm_name],
    [for alarm in values(aws_cloudwatch_metric_alarm.database) : alarm.alarm_name],
    [for alarm in values(aws_cloudwatch_metric_alarm.dead_letters) : alarm.alarm_name],
  ))
}

output "trail_arn" {
  description = "The audit trail; null when it is kept elsewhere."
  value       = one(aws_cloudtrail.this[*].arn)
}
