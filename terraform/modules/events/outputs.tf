output "queue_arns" {
  description = "Queues by purpose: glue-runs, and landing when DMS captures."
  value       = local.queue_arns
  depends_on  = [aws_sqs_queue.this]
}

output "queue_urls" {
  description = "Their URLs."
  value       = { for queue, sender in local.queues : queue => "https://sqs.${var.region}.amazonaws.com/${var.account_id}/${var.name}-${queue}" }
  depends_on  = [aws_sqs_queue.this]
}

output "queue_names" {
  description = "Queues' and dead-letter queues' names."
  value       = { for queue, sender in local.queues : queue => { queue = "${var.name}-${queue}", dead_letters = "${var.name}-${queue}-dead-letters" } }
}
