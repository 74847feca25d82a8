mock_provider "aws" {}

variables {
  name                     = "lake"
  region                   = "us-east-1"
  availability_zones       = ["us-east-1a", "us-east-1b"]
  client_cidrs             = ["203.0.113.0/24"]
  source_cidrs             = ["10.20.0.0/16"]
  service_ports            = { query-gateway = 8080, ingest-service = 8081 }
  with_dms                 = true
  interface_endpoints      = ["secretsmanager"]
  interface_endpoint_zones = 1
  flow_log_role_arn        = "arn:aws:iam::123456789012:role/flow"
}

run "dev" {
  command = plan

  module {
    source = "./modules/networking"
  }

  assert {
    condition     = length(aws_subnet.private) == 2 && length(aws_subnet.public) == 2 && length(aws_nat_gateway.this) == 0
    error_message = "Two zones, no NAT gateway."
  }
  assert {
    condition     = length(distinct(concat([for subnet in aws_subnet.private : subnet.cidr_block], [for subnet in aws_subnet.public : subnet.cidr_block]))) == 4
    error_message = "Subnets do not overlap."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.clients : rule.cidr_ipv4 == "203.0.113.0/24"])
    error_message = "Only the clients' ranges reach the load balancer."
  }
  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && length(aws_vpc_endpoint.interface) == 1
    error_message = "The free gateway endpoint for S3, and the one interface endpoint that DMS needs."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.source_by_cidr["10.20.0.0/16"].to_port == 5432
    error_message = "DMS reaches the source's port only."
  }
}

run "prod" {
  command = plan

  module {
    source = "./modules/networking"
  }

  variables {
    nat_gateways             = "per_zone"
    interface_endpoints      = ["glue", "secretsmanager"]
    interface_endpoint_zones = 2
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 2 && length(aws_route.nat) == 2
    error_message = "A NAT gateway in each zone."
  }
}

run "one_nat_for_all" {
  command = plan

  module {
    source = "./modules/networking"
  }

  variables {
    nat_gateways = "single"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 2
    error_message = "Both private subnets go through the one NAT gateway."
  }
}

run "own_engine_in_the_same_vpc" {
  command = plan

  module {
    source = "./modules/networking"
  }

  variables {
    with_dms                 = false
    interface_endpoints      = []
    source_cidrs             = []
    source_security_group_id = "sg-0123456789abcdef0"
  }

  assert {
    condition     = length(aws_security_group.dms) == 0 && length(aws_security_group.endpoints) == 0 && length(aws_vpc_security_group_ingress_rule.source_by_group) == 1
    error_message = "Without DMS there is no group for it, and the source lets the services in."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/networking"
  }

  variables {
    # Vpc too small.
    vpc_cidr = "10.0.0.0/24"
    # One zone.
    availability_zones = ["us-east-1a"]
    # Unknown nat.
    nat_gateways = "many"
    # Paid endpoint for s3.
    interface_endpoints = ["s3", "secretsmanager"]
    # Endpoint zones.
    interface_endpoint_zones = 0
    # Clients of the whole world.
    client_cidrs = ["0.0.0.0/0"]
    # Public source.
    source_cidrs = ["198.51.100.7/32"]
    # Wrong source group.
    source_security_group_id = "django"
    # Wrong port.
    source_port = 0
    # Flow logs that logs does not know.
    flow_log_retention_days = 31
  }

  expect_failures = [var.vpc_cidr, var.availability_zones, var.nat_gateways, var.interface_endpoints, var.interface_endpoint_zones, var.client_cidrs, var.source_cidrs, var.source_security_group_id, var.source_port, var.flow_log_retention_days]
}

run "refuses_also" {
  command = plan

  module {
    source = "./modules/networking"
  }

  variables {
    # Clients that are no ranges.
    client_cidrs = ["office"]
    # Source anywhere.
    source_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.client_cidrs, var.source_cidrs]
}

run "dms_that_cannot_read_its_secret" {
  command = plan

  module {
    source = "./modules/networking"
  }

  variables {
    interface_endpoints = []
  }

  expect_failures = [output.private_subnet_ids]
}

run "source_out_of_reach" {
  command = plan

  module {
    source = "./modules/networking"
  }

  variables {
    source_cidrs = []
  }

  expect_failures = [output.private_subnet_ids]
}
