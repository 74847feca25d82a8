# One job a table, all of one jar: what differs is data. Backfills, nightly compaction and large loads run here; the small
# batches of every few minutes run in transform-service, because a Glue run every ten minutes costs $127 a month a job.

locals {
  bronze_to_silver = { for dataset, table in var.tables : dataset => merge(table, { job = "${var.name}-bronze_to_silver_${table.name}" }) if table.written_by == null && startswith(table.inputs[0], "bronze.") }
  # Derived tables of Silver are computed as metrics are.
  silver_to_gold = { for dataset, table in var.tables : dataset => merge(table, { job = "${var.name}-silver_to_gold_${table.name}" }) if table.written_by == null && !startswith(table.inputs[0], "bronze.") }

  scripts   = "s3://${var.bucket_names["scripts"]}"
  job_names = { for dataset, job in merge(local.bronze_to_silver, local.silver_to_gold) : dataset => job.job }

  arguments = {
    "--job-language"                     = "scala"
    "--class"                            = "GlueLauncher"
    "--extra-jars"                       = join(",", [for jar in var.jars : "${local.scripts}/jars/${var.jobs_version}/${jar}"])
    "--user-jars-first"                  = "true"
    "--enable-auto-scaling"              = "true"
    "--enable-metrics"                   = "true"
    "--enable-continuous-cloudwatch-log" = "true"
    "--enable-continuous-log-filter"     = "true"
    "--continuous-log-logGroup"          = aws_cloudwatch_log_group.jobs.name
    "--enable-glue-datacatalog"          = "true"
    "--TempDir"                          = "${local.scripts}/temporary/"
    # Job bookmarks do not work with Hudi: progress is in the commits.
    "--job-bookmark-option" = "job-bookmark-disable"
    "--conf" = join(" --conf ", [
      "spark.serializer=org.apache.spark.serializer.KryoSerializer",
      "spark.sql.session.timeZone=UTC",
      "spark.sql.extensions=org.apache.spark.sql.hudi.HoodieSparkSessionExtension",
      "spark.sql.catalog.spark_catalog=org.apache.spark.sql.hudi.catalog.HoodieCatalog",
    ])
  }
}

resource "aws_cloudwatch_log_group" "jobs" {
  name              = "/${var.name}/glue"
  retention_in_days = var.log_retention_days
}

resource "aws_s3_object" "launcher" {
  bucket       = var.bucket_names["scripts"]
  key          = "scripts/${var.jobs_version}/GlueLauncher.scala"
  source       = "${path.module}/scripts/GlueLauncher.scala"
  source_hash  = filesha256("${path.module}/scripts/GlueLauncher.scala")
  content_type = "text/plain"
}

resource "aws_glue_job" "bronze_to_silver" {
  for_each = local.bronze_to_silver

  name              = each.value.job
  description       = "Bronze to ${each.key}: folds changes to current rows."
  role_arn          = var.role_arns["jobs"]
  glue_version      = var.glue_version
  worker_type       = var.worker_type
  number_of_workers = var.workers
  timeout           = var.timeout_minutes
  max_retries       = var.max_retries

  command {
    name            = "glueetl"
    script_location = "${local.scripts}/${aws_s3_object.launcher.key}"
  }

  default_arguments         = merge(local.arguments, { "--request" = "${local.scripts}/requests/${each.key}.json" })
  non_overridable_arguments = { "--dataset" = each.key }

  # One writer a table.
  execution_property {
    max_concurrent_runs = 1
  }
}

resource "aws_glue_job" "silver_to_gold" {
  for_each = local.silver_to_gold

  name              = each.value.job
  description       = "Silver to ${each.key}: ${each.value.description}"
  role_arn          = var.role_arns["jobs"]
  glue_version      = var.glue_version
  worker_type       = var.worker_type
  number_of_workers = var.workers
  timeout           = var.timeout_minutes
  max_retries       = var.max_retries

  command {
    name            = "glueetl"
    script_location = "${local.scripts}/${aws_s3_object.launcher.key}"
  }

  default_arguments         = merge(local.arguments, { "--request" = "${local.scripts}/requests/${each.key}.json" })
  non_overridable_arguments = { "--dataset" = each.key }

  execution_property {
    max_concurrent_runs = 1
  }
}
