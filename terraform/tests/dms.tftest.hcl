mock_provider "aws" {}

variables {
  name              = "lake"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
  role_arns         = { target = "arn:aws:iam::123456789012:role/t", secret = "arn:aws:iam::123456789012:role/s" }
  source_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:django-Ab12Cd"
  bucket            = "lake-bronze-123456789012"
  bucket_owner      = "123456789012"
  table_mappings    = "{\"rules\":[{\"rule-type\":\"selection\",\"rule-action\":\"include\"}]}"
}

run "instance" {
  command = plan

  module {
    source = "./modules/dms"
  }

  assert {
    condition     = !aws_dms_replication_instance.this[0].publicly_accessible && aws_dms_replication_task.this[0].migration_type == "full-load-and-cdc" && length(aws_dms_replication_config.this) == 0
    error_message = "A private instance with a task that loads and follows."
  }
  assert {
    condition     = aws_dms_endpoint.source.secrets_manager_arn == var.source_secret_arn && aws_dms_endpoint.source.password == null && aws_dms_endpoint.source.ssl_mode == "require"
    error_message = "Credentials come from the secret, over TLS."
  }
  assert {
    condition = (aws_dms_s3_endpoint.bronze.data_format == "parquet" && aws_dms_s3_endpoint.bronze.compression_type == "GZIP" && aws_dms_s3_endpoint.bronze.include_op_for_full_load &&
    aws_dms_s3_endpoint.bronze.parquet_timestamp_in_millisecond && aws_dms_s3_endpoint.bronze.date_partition_enabled && aws_dms_s3_endpoint.bronze.cdc_max_batch_interval == 60)
    error_message = "Parquet with operations, commit dates and times that Athena reads."
  }
  assert {
    condition     = aws_dms_endpoint.source.postgres_settings[0].heartbeat_enable
    error_message = "An idle source must not pin WAL."
  }
  assert {
    condition     = jsondecode(aws_dms_replication_task.this[0].replication_task_settings).ErrorBehavior.DataErrorPolicy == "SUSPEND_TABLE" && jsondecode(aws_dms_replication_task.this[0].replication_task_settings).FullLoadSettings.CommitRate == 10000
    error_message = "No row is skipped silently."
  }
}

run "serverless" {
  command = plan

  module {
    source = "./modules/dms"
  }

  variables {
    deployment     = "serverless"
    capacity_units = { min = 1, max = 4 }
  }

  assert {
    condition     = length(aws_dms_replication_instance.this) == 0 && aws_dms_replication_config.this[0].compute_config[0].max_capacity_units == 4
    error_message = "Serverless has no instance."
  }
}

run "verified_source" {
  command = plan

  module {
    source = "./modules/dms"
  }

  variables {
    source_ssl_mode = "verify-full"
    source_ca_pem   = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
  }

  assert {
    condition     = length(aws_dms_certificate.source) == 1
    error_message = "The authority is given to DMS."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/dms"
  }

  variables {
    # Unknown deployment.
    deployment = "ec2"
    # Wrong class.
    instance_class = "db.t3.medium"
    # Old version.
    engine_version = "3.4.7"
    # Too little storage.
    allocated_storage_gb = 1
    # Capacity that does not exist.
    capacity_units = { min = 3, max = 4 }
    # One subnet.
    subnet_ids = ["subnet-1"]
    # Verified by nothing.
    source_ssl_mode = "verify-full"
    # Wrong slot.
    slot_name = "My Slot"
    # No tables.
    table_mappings = "{\"rules\":[]}"
    # Flush too often.
    flush_seconds = 1
    # Flush too small.
    flush_kilobytes = 1
    # Commit rows.
    commit_rows = 1
    # Roles missing.
    role_arns = { target = "arn:aws:iam::123456789012:role/t" }
  }

  expect_failures = [var.deployment, var.instance_class, var.engine_version, var.allocated_storage_gb, var.capacity_units, var.subnet_ids, var.source_ca_pem, var.slot_name, var.table_mappings, var.flush_seconds, var.flush_kilobytes, var.commit_rows, var.role_arns]
}

run "refuses_also" {
  command = plan

  module {
    source = "./modules/dms"
  }

  variables {
    # Authority that is none.
    source_ca_pem = "ca.pem"
    # Rule that adds tenant id.
    table_mappings = "{\"rules\":[{\"rule-type\":\"selection\",\"rule-action\":\"include\"},{\"rule-type\":\"transformation\",\"rule-action\":\"add-column\",\"value\":\"tenant_id\"}]}"
  }

  expect_failures = [var.source_ca_pem, var.table_mappings]
}

run "unencrypted_source" {
  command = plan

  module {
    source = "./modules/dms"
  }

  variables {
    source_ssl_mode = "none"
  }

  expect_failures = [var.source_ssl_mode]
}
