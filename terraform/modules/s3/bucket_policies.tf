locals {
  tls_only = { for purpose, arn in local.arns : purpose => [
    {
      Sid       = "OnlyTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [arn, "${arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    },
    {
      Sid       = "OnlyTls12OrNewer"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [arn, "${arn}/*"]
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
    },
  ] }

  # Whose logs the log bucket takes; each only from this account.
  log_writers = [
    {
      Sid       = "S3AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.arns["logs"]}/s3/*"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    },
    {
      Sid       = "LoadBalancerLogs"
      Effect    = "Allow"
      Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.arns["logs"]}/load-balancer/AWSLogs/${var.account_id}/*"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    },
    {
      Sid       = "CloudTrailLooks"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = local.arns["logs"]
      Condition = { StringEquals = { "aws:SourceArn" = "arn:${var.partition}:cloudtrail:${var.region}:${var.account_id}:trail/${var.name}" } }
    },
    {
      Sid       = "CloudTrailWrites"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.arns["logs"]}/cloudtrail/AWSLogs/${var.account_id}/*"
      Condition = { StringEquals = {
        "aws:SourceArn" = "arn:${var.partition}:cloudtrail:${var.region}:${var.account_id}:trail/${var.name}"
        "s3:x-amz-acl"  = "bucket-owner-full-control"
      } }
    },
    {
      # Nobody rewrites history, whatever their own policies say; lifecycle rules still expire it.
      Sid       = "LogsAreNotDeletedByHand"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource  = "${local.arns["logs"]}/cloudtrail/*"
    },
  ]
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.names

  bucket = aws_s3_bucket.this[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.tls_only[each.key], [for statement in local.log_writers : statement if each.key == "logs"])
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}
