resource "aws_dms_certificate" "source" {
  count = var.source_ca_pem == null ? 0 : 1

  certificate_id  = "${var.name}-source"
  certificate_pem = var.source_ca_pem
}

resource "aws_dms_endpoint" "source" {
  endpoint_id     = "${var.name}-source"
  endpoint_type   = "source"
  engine_name     = "postgres"
  database_name   = var.source_db_name
  ssl_mode        = var.source_ssl_mode
  certificate_arn = one(aws_dms_certificate.source[*].certificate_arn)

  # User, password, host and port are in the secret; Terraform's state never sees them.
  secrets_manager_arn             = var.source_secret_arn
  secrets_manager_access_role_arn = var.role_arns["secret"]

  postgres_settings {
    # An idle application must not pin the source's WAL.
    heartbeat_enable    = true
    heartbeat_schema    = "public"
    heartbeat_frequency = 5
    plugin_name         = "test_decoding"
    slot_name           = var.slot_name
    # DDL capture needs a superuser at the source; tables are reloaded by ingest-service instead.
    capture_ddls                 = false
    map_boolean_as_boolean       = true
    fail_tasks_on_lob_truncation = true
  }
}

resource "aws_dms_s3_endpoint" "bronze" {
  endpoint_id             = "${var.name}-bronze"
  endpoint_type           = "target"
  bucket_name             = var.bucket
  bucket_folder           = trimsuffix(var.landing_prefix, "/")
  expected_bucket_owner   = var.bucket_owner
  service_access_role_arn = var.role_arns["target"]
  encryption_mode         = "SSE_S3"

  # DMS has no Snappy and writes no load_date= or tenant_id= folders: its own engine does both, DMS lands files that
  # ingest-service turns into Bronze.
  data_format                      = "parquet"
  parquet_version                  = "parquet-2-0"
  compression_type                 = "GZIP"
  enable_statistics                = true
  parquet_timestamp_in_millisecond = true
  date_partition_enabled           = true
  date_partition_sequence          = "YYYYMMDD"
  date_partition_delimiter         = "SLASH"
  date_partition_timezone          = "UTC"

  include_op_for_full_load                    = true
  timestamp_column_name                       = "dms_commit_ts"
  cdc_inserts_and_updates                     = false
  cdc_inserts_only                            = false
  cdc_max_batch_interval                      = var.flush_seconds
  cdc_min_file_size                           = var.flush_kilobytes
  preserve_transactions                       = false
  add_column_name                             = true
  use_task_start_time_for_full_load_timestamp = true
}
