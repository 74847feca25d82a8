# Who may speak to whom. Groups refer to each other; only the load balancer knows address ranges of people.

locals {
  source_by_cidr  = toset(var.source_cidrs)
  source_by_group = var.source_security_group_id != null
  # Who opens connections to the source: DMS, or the project's own engine in ingest-service.
  source_reader = var.with_dms ? aws_security_group.dms[0].id : aws_security_group.services.id
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-load-balancer"
  description = "People and BI tools to the query gateway"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-load-balancer" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = { for pair in setproduct(var.client_cidrs, [80, 443]) : "${pair[0]} ${pair[1]}" => { cidr = pair[0], port = pair[1] } }

  security_group_id = aws_security_group.load_balancer.id
  description       = each.value.port == 443 ? "HTTPS" : "HTTP, answered with a redirect to HTTPS"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_services" {
  for_each = var.service_ports

  security_group_id            = aws_security_group.load_balancer.id
  description                  = each.key
  referenced_security_group_id = aws_security_group.services.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_security_group" "services" {
  name        = "${var.name}-services"
  description = "The four services"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-services" }
}

resource "aws_vpc_security_group_ingress_rule" "services_from_load_balancer" {
  for_each = var.service_ports

  security_group_id            = aws_security_group.services.id
  description                  = "${each.key} from the load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_ingress_rule" "services_from_services" {
  for_each = var.service_ports

  security_group_id            = aws_security_group.services.id
  description                  = "${each.key} from the other services"
  referenced_security_group_id = aws_security_group.services.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "services_to_services" {
  for_each = var.service_ports

  security_group_id            = aws_security_group.services.id
  description                  = each.key
  referenced_security_group_id = aws_security_group.services.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "services_to_https" {
  security_group_id = aws_security_group.services.id
  description       = "AWS, the image registry and the identity provider"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "services_to_database" {
  security_group_id            = aws_security_group.services.id
  description                  = "Control database"
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "Control database: the services only"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "database_from_services" {
  security_group_id            = aws_security_group.database.id
  description                  = "The services"
  referenced_security_group_id = aws_security_group.services.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_security_group" "dms" {
  count = var.with_dms ? 1 : 0

  name        = "${var.name}-dms"
  description = "DMS: nobody connects to it"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-dms" }
}

resource "aws_vpc_security_group_egress_rule" "dms_to_endpoints" {
  count = var.with_dms && length(var.interface_endpoints) > 0 ? 1 : 0

  security_group_id            = aws_security_group.dms[0].id
  description                  = "Secrets Manager by its endpoint"
  referenced_security_group_id = aws_security_group.endpoints[0].id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "dms_to_s3" {
  count = var.with_dms ? 1 : 0

  security_group_id = aws_security_group.dms[0].id
  description       = "S3 by its gateway endpoint"
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "dms_to_nat" {
  count = var.with_dms && var.nat_gateways != "none" && !contains(var.interface_endpoints, "secretsmanager") ? 1 : 0

  security_group_id = aws_security_group.dms[0].id
  description       = "Secrets Manager by the NAT gateway"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "source_by_cidr" {
  for_each = local.source_by_cidr

  security_group_id = local.source_reader
  description       = "Source database"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = var.source_port
  to_port           = var.source_port
}

resource "aws_vpc_security_group_egress_rule" "source_by_group" {
  count = local.source_by_group ? 1 : 0

  security_group_id            = local.source_reader
  description                  = "Source database"
  referenced_security_group_id = var.source_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.source_port
  to_port                      = var.source_port
}

resource "aws_vpc_security_group_ingress_rule" "source_by_group" {
  count = local.source_by_group ? 1 : 0

  security_group_id            = var.source_security_group_id
  description                  = "Capture by ${var.name}"
  referenced_security_group_id = local.source_reader
  ip_protocol                  = "tcp"
  from_port                    = var.source_port
  to_port                      = var.source_port
}

resource "aws_security_group" "endpoints" {
  count = length(var.interface_endpoints) > 0 ? 1 : 0

  name        = "${var.name}-endpoints"
  description = "Interface endpoints: from inside the VPC only"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_vpc" {
  count = length(var.interface_endpoints) > 0 ? 1 : 0

  security_group_id = aws_security_group.endpoints[0].id
  description       = "HTTPS from the VPC"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
