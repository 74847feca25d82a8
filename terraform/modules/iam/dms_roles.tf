locals {
  with_dms = var.capture_engine == "dms"
  # These exist once in an account, under names that DMS prescribes.
  dms_account_roles = {
    dms-vpc-role             = "AmazonDMSVPCManagementRole"
    dms-cloudwatch-logs-role = "AmazonDMSCloudWatchLogsRole"
  }
}

resource "aws_iam_role" "dms_account" {
  for_each = local.with_dms && var.create_dms_account_roles ? local.dms_account_roles : {}

  name        = each.key
  description = "DMS asks for this role in each account."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "dms.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "dms_account" {
  for_each = local.with_dms && var.create_dms_account_roles ? local.dms_account_roles : {}

  role       = aws_iam_role.dms_account[each.key].name
  policy_arn = "arn:${var.partition}:iam::aws:policy/service-role/${each.value}"
}

resource "aws_iam_role" "dms" {
  for_each = toset([for role in ["target", "secret"] : role if local.with_dms])

  name        = "${var.name}-dms-${each.key}"
  path        = local.paths.data
  description = each.key == "target" ? "DMS lands files in Bronze." : "DMS reads the source's credentials."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      # Secrets are read by the regional service.
      Principal = { Service = each.key == "target" ? "dms.amazonaws.com" : "dms.${var.region}.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = local.from_this_account
    }]
  })
}

resource "aws_iam_role_policy" "dms_target" {
  count = local.with_dms ? 1 : 0

  name = "land"
  role = aws_iam_role.dms["target"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Find", Effect = "Allow", Action = ["s3:ListBucket", "s3:GetBucketLocation"], Resource = var.bucket_arns["bronze"] },
      {
        Sid      = "Land"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:DeleteObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = "${var.bucket_arns["bronze"]}/${var.landing_prefix}*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "dms_secret" {
  count = local.with_dms ? 1 : 0

  name = "read"
  role = aws_iam_role.dms["secret"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Sid = "Secret", Effect = "Allow", Action = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], Resource = var.source_secret_arn }],
      [for key in compact([var.source_secret_kms_key_arn]) : { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt", "kms:DescribeKey"], Resource = key }],
    )
  })

}
