# The role with which Lake Formation hands out credentials for registered locations. No service-linked role: this one names
# exactly three buckets.

resource "aws_iam_role" "data_access" {
  name        = "${var.name}-data-access"
  path        = local.paths.data
  description = "Lake Formation reads and writes the registered locations for those it let in."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lakeformation.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:SetContext", "sts:SetSourceIdentity"]
    }]
  })
}

resource "aws_iam_role_policy" "data_access" {
  name = "locations"
  role = aws_iam_role.data_access.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Find", Effect = "Allow", Action = ["s3:ListBucket", "s3:GetBucketLocation"], Resource = [for layer in ["bronze", "silver", "gold"] : var.bucket_arns[layer]] },
      { Sid = "Objects", Effect = "Allow", Action = concat(local.read_objects, local.write_objects), Resource = [for layer in ["bronze", "silver", "gold"] : "${var.bucket_arns[layer]}/*"] },
    ]
  })
}

resource "aws_iam_role" "flow_logs" {
  count = var.with_flow_logs ? 1 : 0

  name        = "${var.name}-flow-logs"
  path        = local.paths.data
  description = "VPC flow logs to CloudWatch."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = local.from_this_account
    }]
  })
}

resource "aws_iam_role_policy" "flow_logs" {
  count = var.with_flow_logs ? 1 : 0

  name = "write"
  role = aws_iam_role.flow_logs[0].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], Resource = "${local.logs}:/${var.name}/vpc/refused:*" }]
  })
}
