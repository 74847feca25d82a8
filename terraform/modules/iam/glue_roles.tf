# Glue reads and writes whole tables: on Hudi, Lake Formation filters rows for Athena only.

resource "aws_iam_role" "glue" {
  for_each = toset(["jobs", "crawlers"])

  name        = "${var.name}-glue-${each.key}"
  path        = local.paths.data
  description = each.key == "jobs" ? "Glue jobs: Bronze to Silver to Gold." : "Glue crawlers: look at the lake, write the catalog."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = local.from_this_account
    }]
  })
}

resource "aws_iam_role_policy" "glue_jobs" {
  name = "jobs"
  role = aws_iam_role.glue["jobs"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Find", Effect = "Allow", Action = ["s3:ListBucket", "s3:GetBucketLocation"], Resource = [for purpose in ["bronze", "silver", "gold", "scripts"] : var.bucket_arns[purpose]] },
      { Sid = "Read", Effect = "Allow", Action = local.read_objects, Resource = ["${var.bucket_arns["bronze"]}/*", "${var.bucket_arns["scripts"]}/*"] },
      { Sid = "Tables", Effect = "Allow", Action = concat(local.read_objects, local.write_objects), Resource = ["${var.bucket_arns["silver"]}/*", "${var.bucket_arns["gold"]}/*"] },
      { Sid = "Scratch", Effect = "Allow", Action = local.write_objects, Resource = ["${var.bucket_arns["scripts"]}/temporary/*", "${var.bucket_arns["scripts"]}/requests/*"] },
      { Sid = "SyncCatalog", Effect = "Allow", Action = concat(local.read_catalog, local.write_catalog), Resource = distinct(concat(local.catalog_of["silver"], local.catalog_of["gold"])) },
      { Sid = "LakeFormation", Effect = "Allow", Action = "lakeformation:GetDataAccess", Resource = "*" },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${local.logs}:/${var.name}/glue:*", "${local.logs}:/aws-glue/jobs/*"] },
      # Glue makes its own log groups the first time.
      { Sid = "GlueLogGroups", Effect = "Allow", Action = "logs:CreateLogGroup", Resource = "${local.logs}:/aws-glue/jobs/*" },
      { Sid = "Metrics", Effect = "Allow", Action = "cloudwatch:PutMetricData", Resource = "*", Condition = { StringEquals = { "cloudwatch:namespace" = ["Glue", var.metrics_namespace] } } },
    ]
  })
}

resource "aws_iam_role_policy" "glue_crawlers" {
  name = "crawl"
  role = aws_iam_role.glue["crawlers"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Find", Effect = "Allow", Action = ["s3:ListBucket", "s3:GetBucketLocation"], Resource = [for layer in ["bronze", "silver", "gold"] : var.bucket_arns[layer]] },
      { Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = [for layer in ["bronze", "silver", "gold"] : "${var.bucket_arns[layer]}/*"] },
      { Sid = "Catalog", Effect = "Allow", Action = concat(local.read_catalog, local.write_catalog), Resource = distinct(flatten(values(local.catalog_of))) },
      { Sid = "Itself", Effect = "Allow", Action = "glue:GetCrawler", Resource = "${local.glue}:crawler/${var.name}-*" },
      { Sid = "LakeFormation", Effect = "Allow", Action = "lakeformation:GetDataAccess", Resource = "*" },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${local.logs}:/aws-glue/crawlers:*" },
      { Sid = "GlueLogGroups", Effect = "Allow", Action = "logs:CreateLogGroup", Resource = "${local.logs}:/aws-glue/crawlers" },
    ]
  })
}
