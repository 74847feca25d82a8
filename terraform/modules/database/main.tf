# The control database: a schema and a role per service. Its master password is made and kept by RDS; the services' roles are
# created by the task control-roles (module ecs), from secrets whose values never pass through Terraform's state.

locals {
  database = "lakegate"
  port     = 5432
}

resource "aws_db_subnet_group" "this" {
  name        = "${var.name}-control"
  description = "Private subnets of the control database"
  subnet_ids  = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-control-${var.engine_version}"
  family      = "postgres${var.engine_version}"
  description = "TLS only"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# RDS would make it without an end to retention.
resource "aws_cloudwatch_log_group" "postgresql" {
  name              = "/aws/rds/instance/${var.name}-control/postgresql"
  retention_in_days = var.log_retention_days
}

resource "aws_db_instance" "this" {
  identifier     = "${var.name}-control"
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = local.database
  port           = local.port

  allocated_storage     = var.storage_gb
  max_allocated_storage = var.storage_gb * 5
  storage_type          = "gp3"
  storage_encrypted     = true

  username                    = "lakegate_admin"
  manage_master_user_password = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false
  multi_az               = var.multi_az
  availability_zone      = var.multi_az ? null : var.availability_zone
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  backup_retention_period   = var.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.protect
  skip_final_snapshot       = !var.protect
  final_snapshot_identifier = var.protect ? "${var.name}-control-last" : null

  auto_minor_version_upgrade      = true
  enabled_cloudwatch_logs_exports = ["postgresql"]
  performance_insights_enabled    = true

  depends_on = [aws_cloudwatch_log_group.postgresql]
}

resource "aws_secretsmanager_secret" "service" {
  for_each = var.services

  name                    = "${var.name}/control/${each.key}"
  description             = "JSON {\"username\", \"password\"} of ${each.key}'s role in the control database."
  recovery_window_in_days = var.secret_recovery_days
}
