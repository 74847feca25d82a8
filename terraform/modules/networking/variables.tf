variable "name" {
  description = "Prefix of names."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
  default     = "10.40.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && can(regex("/(1[6-9]|20)$", var.vpc_cidr))
    error_message = "vpc_cidr must be an IPv4 range between /16 and /20, such as 10.40.0.0/16: sixteen subnets are cut from it."
  }
}

variable "availability_zones" {
  description = "Zones of the subnets. The load balancer and the subnet groups of DMS and RDS need two; instances may still live in one."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 4 && length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "availability_zones needs two to four different zones, such as [\"us-east-1a\", \"us-east-1b\"]."
  }
}

variable "nat_gateways" {
  description = "none: private subnets reach S3 and the interface endpoints only. single: one NAT gateway for all zones. per_zone: one in each."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "single", "per_zone"], var.nat_gateways)
    error_message = "nat_gateways must be none, single or per_zone. A NAT gateway costs about $33 a month plus data; see docs/COST_ESTIMATION.md."
  }
}

variable "interface_endpoints" {
  description = "Services with an interface endpoint, by the last part of their name, such as secretsmanager. Each costs about $7.30 a month in each zone."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9.-]+$", service)) && service != "s3"])
    error_message = "interface_endpoints holds names such as secretsmanager, glue, ecr.dkr. S3 has a gateway endpoint already, which is free."
  }
}

variable "interface_endpoint_zones" {
  description = "In how many zones interface endpoints are placed."
  type        = number
  default     = 1

  validation {
    condition     = var.interface_endpoint_zones >= 1 && var.interface_endpoint_zones <= 4 && floor(var.interface_endpoint_zones) == var.interface_endpoint_zones
    error_message = "interface_endpoint_zones must be a whole number from 1 to 4, and not more than there are availability zones."
  }
}

variable "client_cidrs" {
  description = "Address ranges from which people and BI tools may reach the load balancer."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.client_cidrs : can(cidrhost(cidr, 0))])
    error_message = "client_cidrs must be IPv4 ranges, such as [\"203.0.113.0/24\"]."
  }
  validation {
    condition     = alltrue([for cidr in var.client_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, true)])
    error_message = "client_cidrs must not be open to the world: name the ranges of your offices, VPN or BI tool, each /8 or narrower. The gateway holds every tenant's data."
  }
}

variable "source_cidrs" {
  description = "Private address ranges of the source database (VPN, Direct Connect, peering). Empty when it is reached by security group."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([for cidr in var.source_cidrs :
      can(cidrhost(cidr, 0)) && can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", cidr)) &&
    try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "source_cidrs must be private ranges (10/8, 172.16/12, 192.168/16, 100.64/10). A PostgreSQL with a public address is refused: replication credentials read every tenant's rows, and DMS has no fixed addresses to allow. Use a VPN, Direct Connect, peering or the same VPC (docs/DEPLOYMENT.md)."
  }
}

variable "source_security_group_id" {
  description = "Security group of the source database when it lives in this VPC or a peered one."
  type        = string
  default     = null

  validation {
    condition     = var.source_security_group_id == null || can(regex("^sg-[0-9a-f]{8,17}$", var.source_security_group_id))
    error_message = "source_security_group_id must be a security group's id, such as sg-0123456789abcdef0."
  }
}

variable "source_port" {
  description = "Port of the source database."
  type        = number
  default     = 5432

  validation {
    condition     = var.source_port >= 1 && var.source_port <= 65535
    error_message = "source_port must be a TCP port, 1 to 65535; PostgreSQL's is 5432."
  }
}

variable "service_ports" {
  description = "Ports of the services, by service."
  type        = map(number)
}

variable "with_dms" {
  description = "Whether DMS captures, and so needs a security group."
  type        = bool
}

variable "flow_log_retention_days" {
  description = "Days that refused connections are kept; 0 turns flow logs off."
  type        = number
  default     = 30

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_retention_days)
    error_message = "flow_log_retention_days must be 0 or a number of days that CloudWatch Logs knows, such as 30, 90 or 365."
  }
}

variable "flow_log_role_arn" {
  description = "Role with which flow logs are written."
  type        = string
  default     = null
}
