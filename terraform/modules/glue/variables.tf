variable "name" {
  description = "Prefix of names."
  type        = string
}

variable "account_id" {
  description = "Account, whose catalog it is."
  type        = string
}

variable "databases" {
  description = "Database of each layer."
  type        = map(string)
}

variable "create_default_database" {
  description = "Whether the database default is created, which Athena asks about. False where the account has one."
  type        = bool
  default     = true
}

variable "tables" {
  description = "Silver and Gold tables by dataset, as module lakehouse reads them."
  type = map(object({
    dataset        = string
    layer          = string
    database       = string
    name           = string
    path           = string
    scope          = string
    description    = string
    table_type     = string
    inputs         = list(string)
    columns        = list(object({ name = string, type = string, comment = string }))
    partition_keys = list(object({ name = string, type = string, comment = string }))
    pii_columns    = list(string)
    # Dataset whose job writes it, where that is another one's.
    written_by = optional(string)
  }))

  validation {
    condition     = alltrue([for table in values(var.tables) : contains(["COPY_ON_WRITE", "MERGE_ON_READ"], table.table_type)])
    error_message = "table_type must be COPY_ON_WRITE or MERGE_ON_READ."
  }
}

variable "bucket_names" {
  description = "Buckets by purpose."
  type        = map(string)
}

variable "role_arns" {
  description = "Roles: jobs and crawlers."
  type        = map(string)
}

variable "bronze_crawl_prefix" {
  description = "Folder of the Bronze bucket that the crawler looks at: landing/public/ when DMS captures, nothing for the project's own engine."
  type        = string
  default     = ""
}

variable "crawler_schedules" {
  description = "Schedule of each layer's crawler, as cron. None by default: crawlers run on demand."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for layer, schedule in var.crawler_schedules : contains(["bronze", "silver", "gold"], layer) && can(regex("^cron\\(.+\\)$", schedule))])
    error_message = "crawler_schedules holds cron(...) by layer (bronze, silver, gold). Mind the cost: three hourly crawlers are $161 a month and more, at ten minutes least each."
  }
}

variable "glue_version" {
  description = "Version of Glue."
  type        = string
  default     = "4.0"

  validation {
    condition     = var.glue_version == "4.0"
    error_message = "glue_version must be 4.0: the jobs are built for its Spark 3.3 and Java 8, and Athena reads the Hudi 0.14.0 that they bring."
  }
}

variable "worker_type" {
  description = "Worker type; G.1X has 4 vCPU and 16 GB."
  type        = string
  default     = "G.1X"

  validation {
    condition     = contains(["G.1X", "G.2X", "G.4X", "G.8X"], var.worker_type)
    error_message = "worker_type must be G.1X, G.2X, G.4X or G.8X; Standard and G.025X cannot scale by themselves here."
  }
}

variable "workers" {
  description = "Most workers of a run; auto-scaling uses fewer when it can."
  type        = number
  default     = 5

  validation {
    condition     = var.workers >= 2 && var.workers <= 50
    error_message = "workers must be between 2 (the driver and one) and 50."
  }
}

variable "timeout_minutes" {
  description = "Minutes after which a run is ended."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout_minutes >= 5 && var.timeout_minutes <= 480
    error_message = "timeout_minutes must be between 5 and 480."
  }
}

variable "max_retries" {
  description = "How often Glue repeats a failed run."
  type        = number
  default     = 1

  validation {
    condition     = var.max_retries >= 0 && var.max_retries <= 3
    error_message = "max_retries must be between 0 and 3; transform-service decides about more."
  }
}

variable "jobs_version" {
  description = "Version of the jobs' jar in the scripts bucket, under jars/<version>/."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z][0-9A-Za-z.-]*$", var.jobs_version)) && var.jobs_version != "latest"
    error_message = "jobs_version must be a fixed version, such as 0.1.0; latest would change what runs without a plan."
  }
}

variable "jars" {
  description = "Jars of a run under jars/<version>/: the jobs, the Hudi bundle that replaces Glue's own, and the libraries of the jobs."
  type        = list(string)
  default     = ["lakegate-transform-jobs.jar", "hudi-spark3.3-bundle_2.12-0.14.0.jar", "duckdb_jdbc.jar", "libphonenumber.jar"]

  validation {
    condition     = length([for jar in var.jars : jar if can(regex("^hudi-spark3\\.3-bundle_2\\.12-0\\.14\\.", jar))]) == 1
    error_message = "jars must name one hudi-spark3.3-bundle_2.12 of 0.14: Athena reads what 0.14 writes, and Glue 4.0 would bring 0.12.1."
  }
}

variable "safety_net_schedule" {
  description = "Schedule of the workflow beside transform-service, as cron; null leaves it to be started by hand."
  type        = string
  default     = null

  validation {
    condition     = var.safety_net_schedule == null || can(regex("^cron\\(.+\\)$", var.safety_net_schedule))
    error_message = "safety_net_schedule must be cron(...), such as cron(30 2 * * ? *)."
  }
}

variable "log_retention_days" {
  description = "Days that job logs are kept."
  type        = number
  default     = 30
}
