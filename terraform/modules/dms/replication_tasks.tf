locals {
  settings = {
    TargetMetadata = {
      SupportLobs        = true
      FullLobMode        = false
      LimitedSizeLobMode = true
      # A larger value fails the task instead of being cut off (see the source endpoint).
      LobMaxSize = 32768
    }
    FullLoadSettings = {
      # Reloading lands a new set of files; ingest-service decides what they replace.
      TargetTablePrepMode             = "DO_NOTHING"
      MaxFullLoadSubTasks             = 4
      CommitRate                      = var.commit_rows
      StopTaskCachedChangesApplied    = false
      StopTaskCachedChangesNotApplied = false
    }
    ChangeProcessingTuning = {
      CommitTimeout      = 1
      MemoryLimitTotal   = 1024
      MemoryKeepTime     = 60
      StatementCacheSize = 50
    }
    ChangeProcessingDdlHandlingPolicy = {
      HandleSourceTableDropped   = true
      HandleSourceTableTruncated = true
      HandleSourceTableAltered   = true
    }
    ErrorBehavior = {
      # Nothing disappears: what cannot be read or written stops its table, and the alarm rings.
      DataErrorPolicy               = "SUSPEND_TABLE"
      DataTruncationErrorPolicy     = "SUSPEND_TABLE"
      TableErrorPolicy              = "SUSPEND_TABLE"
      RecoverableErrorCount         = -1
      RecoverableErrorInterval      = 5
      RecoverableErrorThrottling    = true
      RecoverableErrorThrottlingMax = 1800
      FailOnNoTablesCaptured        = true
      FullLoadIgnoreConflicts       = false
    }
    Logging = {
      EnableLogging = true
      LogComponents = [for component in ["SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER", "SORTER"] : { Id = component, Severity = "LOGGER_SEVERITY_DEFAULT" }]
    }
  }
}

resource "aws_dms_replication_task" "this" {
  count = var.deployment == "instance" ? 1 : 0

  replication_task_id       = "${var.name}-capture"
  migration_type            = "full-load-and-cdc"
  replication_instance_arn  = aws_dms_replication_instance.this[0].replication_instance_arn
  source_endpoint_arn       = aws_dms_endpoint.source.endpoint_arn
  target_endpoint_arn       = aws_dms_s3_endpoint.bronze.endpoint_arn
  table_mappings            = var.table_mappings
  replication_task_settings = jsonencode(local.settings)
  start_replication_task    = var.start

  lifecycle {
    # DMS answers with more settings than it was given.
    ignore_changes = [replication_task_settings]
  }
}

resource "aws_dms_replication_config" "this" {
  count = var.deployment == "serverless" ? 1 : 0

  replication_config_identifier = "${var.name}-capture"
  replication_type              = "full-load-and-cdc"
  source_endpoint_arn           = aws_dms_endpoint.source.endpoint_arn
  target_endpoint_arn           = aws_dms_s3_endpoint.bronze.endpoint_arn
  table_mappings                = var.table_mappings
  replication_settings          = jsonencode(local.settings)
  start_replication             = var.start

  compute_config {
    replication_subnet_group_id  = aws_dms_replication_subnet_group.this.id
    vpc_security_group_ids       = [var.security_group_id]
    min_capacity_units           = var.capacity_units.min
    max_capacity_units           = var.capacity_units.max
    multi_az                     = var.multi_az
    availability_zone            = var.multi_az ? null : var.availability_zone
    preferred_maintenance_window = "sun:03:00-sun:04:00"
  }

  lifecycle {
    ignore_changes = [replication_settings]
  }
}
