# A task to be run once, and again after a password changed: makes a role and a schema for each service in the control
# database. It runs inside, because nothing outside reaches the database.

locals {
  control_services = keys(var.control_database.schemas)
  # DATABASE variables of each service: GOVERNANCE_SERVICE_USERNAME and the like.
  prefixes = { for service in local.control_services : service => upper(replace(service, "-", "_")) }

  control_script = join("\n", concat(
    [file("${path.module}/scripts/control-roles.sh")],
    [for service in local.control_services : "make_role \"$${${local.prefixes[service]}_USERNAME}\" \"$${${local.prefixes[service]}_PASSWORD}\" ${var.control_database.schemas[service]}"],
  ))
}

resource "aws_ecs_task_definition" "control_roles" {
  family                   = "${var.name}-control-roles"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = var.execution_role_arns["control-roles"]

  runtime_platform {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([{
    name      = "control-roles"
    image     = var.control_roles_image
    essential = true
    command   = ["bash", "-c", local.control_script]
    environment = [
      { name = "PGHOST", value = var.control_database.address },
      { name = "PGDATABASE", value = var.control_database.name },
      { name = "PGSSLMODE", value = "require" },
    ]
    secrets = concat(
      [
        { name = "PGUSER", valueFrom = "${var.control_database.master_secret_arn}:username::" },
        { name = "PGPASSWORD", valueFrom = "${var.control_database.master_secret_arn}:password::" },
      ],
      flatten([for service in local.control_services : [
        { name = "${local.prefixes[service]}_USERNAME", valueFrom = "${var.control_database.secret_arns[service]}:username::" },
        { name = "${local.prefixes[service]}_PASSWORD", valueFrom = "${var.control_database.secret_arns[service]}:password::" },
      ]]),
    )
    logConfiguration = local.log["control-roles"]
  }])
}
