mock_provider "aws" {}

variables {
  name                     = "lake"
  account_id               = "123456789012"
  region                   = "us-east-1"
  vpc_id                   = "vpc-1"
  load_balancer_subnet_ids = ["subnet-1", "subnet-2"]
  task_subnet_ids          = ["subnet-1", "subnet-2"]
  security_group_ids       = { load_balancer = "sg-1", services = "sg-2" }
  certificate_arn          = "arn:aws:acm:us-east-1:123456789012:certificate/c"
  logs_bucket              = "l"
  image_tag                = "0.1.0"
  task_role_arns           = { query-gateway = "arn:aws:iam::123456789012:role/g", ingest-service = "arn:aws:iam::123456789012:role/i" }
  execution_role_arns      = { query-gateway = "arn:aws:iam::123456789012:role/x", ingest-service = "arn:aws:iam::123456789012:role/y", control-roles = "arn:aws:iam::123456789012:role/z" }
  services = {
    query-gateway  = { port = 8080, cpu = 512, memory = 1024, autoscaling = { min = 1, max = 2 } }
    ingest-service = { port = 8081, cpu = 256, memory = 1024, single = true }
  }
  control_database = {
    address           = "db.internal"
    name              = "lakegate"
    master_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1"
    schemas           = { ingest-service = "ingest" }
    secret_arns       = { ingest-service = "arn:aws:secretsmanager:us-east-1:123456789012:secret:lake/control/ingest-service-Ab12Cd" }
  }
}

run "services" {
  command = plan

  module {
    source = "./modules/ecs"
  }

  assert {
    condition     = alltrue([for task in aws_ecs_task_definition.service : task.runtime_platform[0].cpu_architecture == "ARM64"])
    error_message = "arm64 throughout."
  }
  assert {
    condition     = aws_ecs_service.this["ingest-service"].deployment_maximum_percent == 100 && aws_ecs_service.this["query-gateway"].deployment_maximum_percent == 200
    error_message = "The writer of Bronze stops before its successor starts."
  }
  assert {
    condition     = alltrue([for service in aws_ecs_service.this : service.deployment_circuit_breaker[0].enable && service.deployment_circuit_breaker[0].rollback && !service.enable_execute_command])
    error_message = "Bad deployments roll back, and nobody gets a shell."
  }
  assert {
    condition     = keys(aws_appautoscaling_target.service) == ["query-gateway"]
    error_message = "Autoscaling where it is asked for."
  }
  assert {
    condition     = aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "TLS 1.2 or newer; plain HTTP is sent away."
  }
  assert {
    condition     = one(aws_lb_listener_rule.management.action).fixed_response[0].status_code == "404"
    error_message = "Metrics and health are not served outside."
  }
  assert {
    condition     = alltrue([for repository in aws_ecr_repository.service : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push])
    error_message = "Images do not change, and are scanned."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.service : group.retention_in_days == 30])
    error_message = "Logs end."
  }
}

run "governance_served_as_well" {
  command = plan

  module {
    source = "./modules/ecs"
  }

  variables {
    host_names = { ingest-service = "ingest.example.com" }
  }

  assert {
    condition     = keys(aws_lb_target_group.service) == ["ingest-service", "query-gateway"] && aws_lb_listener_rule.host["ingest-service"].priority == 100
    error_message = "A host name leads to its service."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/ecs"
  }

  variables {
    # No certificate.
    certificate_arn = "none"
    # One subnet.
    load_balancer_subnet_ids = ["subnet-1"]
    # Floating tag.
    image_tag = "latest"
    # Gateway by host.
    host_names = { query-gateway = "q.example.com" }
    # Size that fargate has not.
    services = { query-gateway = { port = 8080, cpu = 256, memory = 4096 }, ingest-service = { port = 8081, cpu = 256, memory = 512 } }
    # Unknown capacity.
    capacity_provider = "EC2"
    # Logs forever.
    log_retention_days = 0
  }

  expect_failures = [var.certificate_arn, var.load_balancer_subnet_ids, var.image_tag, var.host_names, var.services, var.capacity_provider, var.log_retention_days]
}

run "refuses_also" {
  command = plan

  module {
    source = "./modules/ecs"
  }

  variables {
    # Two writers.
    services = { query-gateway = { port = 8080, cpu = 512, memory = 1024 }, ingest-service = { port = 8081, cpu = 256, memory = 512, single = true, replicas = 2 } }
  }

  expect_failures = [var.services]
}

run "refuses_besides" {
  command = plan

  module {
    source = "./modules/ecs"
  }

  variables {
    # Upside down scaling.
    services = { query-gateway = { port = 8080, cpu = 512, memory = 1024, autoscaling = { min = 3, max = 2 } }, ingest-service = { port = 8081, cpu = 256, memory = 512 } }
  }

  expect_failures = [var.services]
}

run "refuses_too" {
  command = plan

  module {
    source = "./modules/ecs"
  }

  variables {
    # Password in the environment.
    services = { query-gateway = { port = 8080, cpu = 512, memory = 1024, environment = { DB_PASSWORD = "x" } }, ingest-service = { port = 8081, cpu = 256, memory = 512 } }
  }

  expect_failures = [var.services]
}

run "refuses_at_last" {
  command = plan

  module {
    source = "./modules/ecs"
  }

  variables {
    # No gateway.
    services = { ingest-service = { port = 8081, cpu = 256, memory = 512 } }
  }

  expect_failures = [var.services]
}
