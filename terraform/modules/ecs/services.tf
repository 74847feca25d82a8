locals {
  # Liveness: a service that waits for another must not be killed for it. The images have bash, and nothing else that could ask.
  health = { for name, service in var.services : name => [
    "CMD", "bash", "-c",
    "exec 3<>/dev/tcp/127.0.0.1/${service.port} && printf 'GET /q/health/live HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '",
  ] }

  log = { for name in concat(keys(var.services), ["control-roles"]) : name => {
    logDriver = "awslogs"
    options = {
      awslogs-group         = "/${var.name}/${name}"
      awslogs-region        = var.region
      awslogs-stream-prefix = "task"
    }
  } }
}

resource "aws_ecs_task_definition" "service" {
  for_each = var.services

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  task_role_arn            = var.task_role_arns[each.key]
  execution_role_arn       = var.execution_role_arns[each.key]

  runtime_platform {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }

  volume {
    name = "work"
  }

  volume {
    name = "tmp"
  }

  container_definitions = jsonencode([{
    name                   = each.key
    image                  = local.images[each.key]
    essential              = true
    readonlyRootFilesystem = true
    stopTimeout            = 120
    portMappings           = [{ containerPort = each.value.port, protocol = "tcp" }]
    environment            = [for name in sort(keys(each.value.environment)) : { name = name, value = each.value.environment[name] }]
    secrets = concat(
      [for name in sort(keys(each.value.secrets)) : { name = name, valueFrom = each.value.secrets[name] }],
      [
        { name = "LAKEGATE_IDENTITY_CLIENT_ID", valueFrom = "${aws_secretsmanager_secret.identity[each.key].arn}:client_id::" },
        { name = "LAKEGATE_IDENTITY_CLIENT_SECRET", valueFrom = "${aws_secretsmanager_secret.identity[each.key].arn}:client_secret::" },
      ],
    )
    # The only places that are written: scratch that dies with the task.
    mountPoints = [
      { sourceVolume = "work", containerPath = "/work", readOnly = false },
      { sourceVolume = "tmp", containerPath = "/tmp", readOnly = false },
    ]
    linuxParameters  = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    healthCheck      = { command = local.health[each.key], interval = 15, timeout = 5, retries = 3, startPeriod = 120 }
    logConfiguration = local.log[each.key]
  }])
}

resource "aws_ecs_service" "this" {
  for_each = var.services

  name            = each.key
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.service[each.key].arn
  desired_count   = each.value.replicas

  # A service that must run once stops before its successor starts.
  deployment_minimum_healthy_percent = each.value.single ? 0 : 100
  deployment_maximum_percent         = each.value.single ? 100 : 200
  health_check_grace_period_seconds  = contains(local.exposed, each.key) ? 120 : null
  enable_execute_command             = false
  propagate_tags                     = "SERVICE"

  capacity_provider_strategy {
    capacity_provider = var.capacity_provider
    weight            = 1
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.task_subnet_ids
    security_groups  = [var.security_group_ids["services"]]
    assign_public_ip = var.assign_public_ip
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this[each.key].arn
  }

  dynamic "load_balancer" {
    for_each = contains(local.exposed, each.key) ? [aws_lb_target_group.service[each.key].arn] : []

    content {
      target_group_arn = load_balancer.value
      container_name   = each.key
      container_port   = each.value.port
    }
  }

  lifecycle {
    # Autoscaling decides from then on.
    ignore_changes = [desired_count]
  }

  depends_on = [aws_lb_listener.https, aws_ecs_cluster_capacity_providers.this]
}
