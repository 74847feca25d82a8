mock_provider "aws" {}

variables {
  name         = "lake"
  account_id   = "123456789012"
  databases    = { bronze = "lakehouse_bronze", silver = "lakehouse_silver", gold = "lakehouse_gold" }
  bucket_names = { bronze = "b", silver = "s", gold = "g", scripts = "c" }
  role_arns    = { jobs = "arn:aws:iam::123456789012:role/j", crawlers = "arn:aws:iam::123456789012:role/k" }
  jobs_version = "0.1.0"
  tables = {
    "silver.customer" = {
      dataset        = "silver.customer", layer = "silver", database = "lakehouse_silver", name = "customer", path = "customer", scope = "tenant", description = "Customers.", table_type = "COPY_ON_WRITE",
      tenant_column  = "tenant_id", inputs = ["bronze.core_customer"], pii_columns = ["email"],
      columns        = [{ name = "id", type = "bigint", comment = "Key." }, { name = "email", type = "string", comment = "E-mail." }]
      partition_keys = [{ name = "tenant_id", type = "string", comment = "Tenant." }]
    }
    "gold.dim_customer" = {
      dataset        = "gold.dim_customer", layer = "gold", database = "lakehouse_gold", name = "dim_customer", path = "dim_customer", scope = "tenant", description = "Customers.", table_type = "MERGE_ON_READ",
      tenant_column  = "tenant_id", inputs = ["silver.customer"], pii_columns = ["email"],
      columns        = [{ name = "customer_id", type = "bigint", comment = "Key." }, { name = "email", type = "string", comment = "E-mail." }]
      partition_keys = [{ name = "tenant_id", type = "string", comment = "Tenant." }]
    }
  }
}

run "from_the_description" {
  command = plan

  module {
    source = "./modules/glue"
  }

  assert {
    condition     = aws_glue_job.bronze_to_silver["silver.customer"].name == "lake-bronze_to_silver_customer" && aws_glue_job.silver_to_gold["gold.dim_customer"].name == "lake-silver_to_gold_dim_customer"
    error_message = "A job for each table."
  }
  assert {
    condition = alltrue([for job in concat(values(aws_glue_job.bronze_to_silver), values(aws_glue_job.silver_to_gold)) :
    job.glue_version == "4.0" && job.worker_type == "G.1X" && job.timeout == 60 && job.max_retries == 1 && job.execution_property[0].max_concurrent_runs == 1])
    error_message = "Glue 4.0, G.1X, an hour, one retry, one writer."
  }
  assert {
    condition = alltrue([for job in values(aws_glue_job.bronze_to_silver) : job.default_arguments["--enable-auto-scaling"] == "true" && job.default_arguments["--job-bookmark-option"] == "job-bookmark-disable" &&
    strcontains(job.default_arguments["--extra-jars"], "hudi-spark3.3-bundle_2.12-0.14.0.jar") && !contains(keys(job.default_arguments), "--datalake-formats")])
    error_message = "Own Hudi, no bookmarks, auto-scaling."
  }
  assert {
    condition     = alltrue([for crawler in aws_glue_crawler.this : crawler.schedule == null])
    error_message = "Crawlers run on demand."
  }
  assert {
    condition     = alltrue([for database in aws_glue_catalog_database.layer : alltrue([for default in database.create_table_default_permission : length(default.permissions) == 0])])
    error_message = "New tables grant nothing to IAMAllowedPrincipals."
  }
  assert {
    condition     = keys(aws_glue_catalog_table.this) == ["gold.dim_customer", "gold.dim_customer_rt", "silver.customer"]
    error_message = "Merge-on-read tables have two faces."
  }
  assert {
    condition     = aws_glue_catalog_table.this["gold.dim_customer"].storage_descriptor[0].input_format == "org.apache.hudi.hadoop.HoodieParquetInputFormat" && aws_glue_catalog_table.this["gold.dim_customer_rt"].storage_descriptor[0].input_format == "org.apache.hudi.hadoop.realtime.HoodieParquetRealtimeInputFormat"
    error_message = "The table's own name is the compacted face."
  }
  assert {
    condition     = aws_glue_trigger.silver.type == "ON_DEMAND"
    error_message = "The safety net waits for a person."
  }
}

run "scheduled" {
  command = plan

  module {
    source = "./modules/glue"
  }

  variables {
    safety_net_schedule = "cron(30 2 * * ? *)"
    crawler_schedules   = { bronze = "cron(0 1 * * ? *)" }
  }

  assert {
    condition     = aws_glue_trigger.silver.type == "SCHEDULED" && aws_glue_crawler.this["bronze"].schedule == "cron(0 1 * * ? *)"
    error_message = "Schedules are honoured."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/glue"
  }

  variables {
    # Table of no kind.
    tables = { "gold.x" = { dataset = "gold.x", layer = "gold", database = "d", name = "x", path = "x", scope = "shared", description = "X.", table_type = "ICEBERG", inputs = [], columns = [], partition_keys = [], pii_columns = [] } }
    # Hourly without cron.
    crawler_schedules = { bronze = "hourly" }
    # Other glue.
    glue_version = "5.0"
    # Worker that does not scale.
    worker_type = "Standard"
    # One worker.
    workers = 1
    # No time.
    timeout_minutes = 1
    # Many retries.
    max_retries = 10
    # Floating version.
    jobs_version = "latest"
    # Other hudi.
    jars = ["lakegate-transform-jobs.jar", "hudi-spark3.3-bundle_2.12-0.12.2.jar"]
    # Schedule without cron.
    safety_net_schedule = "nightly"
  }

  expect_failures = [var.tables, var.crawler_schedules, var.glue_version, var.worker_type, var.workers, var.timeout_minutes, var.max_retries, var.jobs_version, var.jars, var.safety_net_schedule]
}
