resource "aws_dms_replication_subnet_group" "this" {
  replication_subnet_group_id          = "${var.name}-capture"
  replication_subnet_group_description = "Private subnets of DMS"
  subnet_ids                           = var.subnet_ids

  lifecycle {
    # DMS makes it with the account's role dms-vpc-role, which exists once role_arns are known.
    precondition {
      condition     = length(var.role_arns) >= 2
      error_message = "role_arns must have target and secret."
    }
  }
}

resource "aws_dms_replication_instance" "this" {
  count = var.deployment == "instance" ? 1 : 0

  replication_instance_id      = "${var.name}-capture"
  replication_instance_class   = var.instance_class
  engine_version               = var.engine_version
  allocated_storage            = var.allocated_storage_gb
  multi_az                     = var.multi_az
  availability_zone            = var.multi_az ? null : var.availability_zone
  publicly_accessible          = false
  replication_subnet_group_id  = aws_dms_replication_subnet_group.this.id
  vpc_security_group_ids       = [var.security_group_id]
  auto_minor_version_upgrade   = false
  preferred_maintenance_window = "sun:03:00-sun:04:00"

  # Encrypted always, with the account's key of DMS.
}
