locals {
  # Whose messages a topic takes.
  publishers = {
    pipeline = ["cloudwatch.amazonaws.com", "dms.amazonaws.com"]
    jobs     = ["cloudwatch.amazonaws.com"]
    cost     = ["budgets.amazonaws.com", "costalerts.amazonaws.com"]
  }

  # EventBridge does not fill in conditions when it publishes to a topic: with one, failed jobs would go unheard. Without,
  # the worst that somebody else's rule could do is to send a message.
  unconditional = { jobs = ["events.amazonaws.com"] }
}

# A key of its own: alarms, budgets and DMS cannot publish to a topic under the key that AWS manages for SNS.
resource "aws_kms_key" "alerts" {
  description             = "Alert topics of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 7

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountDecidesByIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:${var.partition}:iam::${var.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Publishers"
        Effect    = "Allow"
        Principal = { Service = distinct(flatten(values(local.publishers))) }
        Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = distinct(flatten(values(local.unconditional))) }
        Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_kms_alias" "alerts" {
  name          = "alias/${var.name}-alerts"
  target_key_id = aws_kms_key.alerts.key_id
}

resource "aws_sns_topic" "this" {
  for_each = local.topics

  name              = "${var.name}-${each.key}"
  display_name      = "${var.name}: ${each.value}"
  kms_master_key_id = aws_kms_key.alerts.arn
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.topics

  arn = aws_sns_topic.this[each.key].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([for services in [lookup(local.unconditional, each.key, [])] : {
      Sid       = "EventBridge"
      Effect    = "Allow"
      Principal = { Service = services }
      Action    = "sns:Publish"
      Resource  = "arn:${var.partition}:sns:${var.region}:${var.account_id}:${var.name}-${each.key}"
      } if length(services) > 0], [
      {
        Sid       = "Publishers"
        Effect    = "Allow"
        Principal = { Service = local.publishers[each.key] }
        Action    = "sns:Publish"
        Resource  = "arn:${var.partition}:sns:${var.region}:${var.account_id}:${var.name}-${each.key}"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = "arn:${var.partition}:sns:${var.region}:${var.account_id}:${var.name}-${each.key}"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ])
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = { for pair in setproduct(keys(local.topics), var.alert_emails) : join(" ", pair) => { topic = pair[0], address = pair[1] } }

  topic_arn = aws_sns_topic.this[each.value.topic].arn
  protocol  = "email"
  endpoint  = each.value.address
}
