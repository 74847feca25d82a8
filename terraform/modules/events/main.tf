# What services hear about: files that DMS landed, and ends of Glue runs. Both are hints that make reactions fast; the
# services find what they missed by listing and polling.

locals {
  queues = merge(
    { glue-runs = "events.amazonaws.com" },
    { for prefix in compact([var.landing_prefix]) : "landing" => "s3.amazonaws.com" },
  )
  queue_arns       = { for queue, sender in local.queues : queue => "arn:${var.partition}:sqs:${var.region}:${var.account_id}:${var.name}-${queue}" }
  dead_letter_arns = { for queue, sender in local.queues : queue => "${local.queue_arns[queue]}-dead-letters" }
  senders = {
    landing   = "arn:${var.partition}:s3:::${var.bronze_bucket}"
    glue-runs = "arn:${var.partition}:events:${var.region}:${var.account_id}:rule/${var.name}-glue-runs"
  }
}

resource "aws_sqs_queue" "dead_letters" {
  for_each = local.queues

  name                      = "${var.name}-${each.key}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                       = "${var.name}-${each.key}"
  message_retention_seconds  = 345600
  visibility_timeout_seconds = 120
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = local.dead_letter_arns[each.key]
    maxReceiveCount     = var.attempts
  })

  depends_on = [aws_sqs_queue.dead_letters]
}

resource "aws_sqs_queue_redrive_allow_policy" "this" {
  for_each = local.queues

  queue_url = aws_sqs_queue.dead_letters[each.key].id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arns[each.key]]
  })
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queues

  queue_url = aws_sqs_queue.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OneSender"
        Effect    = "Allow"
        Principal = { Service = each.value }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arns[each.key]
        Condition = { ArnEquals = { "aws:SourceArn" = local.senders[each.key] }, StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = local.queue_arns[each.key]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_s3_bucket_notification" "landing" {
  count = var.landing_prefix == null ? 0 : 1

  bucket = var.bronze_bucket

  queue {
    id            = "landing"
    queue_arn     = local.queue_arns["landing"]
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = var.landing_prefix
    filter_suffix = ".parquet"
  }

  depends_on = [aws_sqs_queue_policy.this]
}

resource "aws_cloudwatch_event_rule" "glue_runs" {
  name        = "${var.name}-glue-runs"
  description = "Ends of this lakehouse's Glue runs, for transform-service."
  event_pattern = jsonencode({
    source      = ["aws.glue"]
    detail-type = ["Glue Job State Change"]
    detail      = { jobName = [{ prefix = "${var.name}-" }] }
  })
}

resource "aws_cloudwatch_event_target" "glue_runs" {
  rule      = aws_cloudwatch_event_rule.glue_runs.name
  target_id = "queue"
  arn       = local.queue_arns["glue-runs"]

  depends_on = [aws_sqs_queue_policy.this]
}
