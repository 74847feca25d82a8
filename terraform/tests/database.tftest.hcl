mock_provider "aws" {}

variables {
  name              = "lake"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
  services          = ["ingest-service", "governance-service"]
}

run "private_and_encrypted" {
  command = plan

  module {
    source = "./modules/database"
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible && aws_db_instance.this.manage_master_user_password && aws_db_instance.this.deletion_protection
    error_message = "The control database is encrypted, private and protected, and its master password is RDS's."
  }
  assert {
    condition     = contains([for parameter in aws_db_parameter_group.this.parameter : "${parameter.name}=${parameter.value}"], "rds.force_ssl=1")
    error_message = "Only TLS."
  }
  assert {
    condition     = keys(aws_secretsmanager_secret.service) == ["governance-service", "ingest-service"] && aws_secretsmanager_secret.service["ingest-service"].name == "lake/control/ingest-service"
    error_message = "A secret for each service."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    # One subnet.
    subnet_ids = ["subnet-1"]
    # Wrong class.
    instance_class = "t4g.micro"
    # Old postgresql.
    engine_version = "9.6"
    # Too small.
    storage_gb = 5
    # No backups.
    backup_days = 0
    # Recovery days.
    secret_recovery_days = 3
  }

  expect_failures = [var.subnet_ids, var.instance_class, var.engine_version, var.storage_gb, var.backup_days, var.secret_recovery_days]
}
