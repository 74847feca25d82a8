output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Public subnets, by zone."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "private_subnet_ids" {
  description = "Private subnets, by zone."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }

  precondition {
    condition     = !var.with_dms || var.nat_gateways != "none" || contains(var.interface_endpoints, "secretsmanager")
    error_message = "DMS in private subnets reads the source's password from Secrets Manager: add secretsmanager to interface_endpoints or choose a NAT gateway."
  }
  precondition {
    condition     = length(var.source_cidrs) > 0 || var.source_security_group_id != null
    error_message = "Nothing says how the source database is reached: set source_cidrs (VPN, Direct Connect, peering) or source_security_group_id (same or peered VPC)."
  }
}

output "security_group_ids" {
  description = "Security groups: load_balancer, services, database, and dms when DMS captures."
  value = merge(
    {
      load_balancer = aws_security_group.load_balancer.id
      services      = aws_security_group.services.id
      database      = aws_security_group.database.id
    },
    { for index, group in aws_security_group.dms : "dms" => group.id },
  )
}

output "source_reader_security_group_id" {
  description = "The group that connects to the source: let it in there when the source is not in this VPC."
  value       = local.source_reader
}
