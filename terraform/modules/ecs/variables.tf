variable "name" {
  description = "Prefix of names."
  type        = string
}

variable "account_id" {
  description = "Account."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "load_balancer_subnet_ids" {
  description = "Subnets of the load balancer, in two zones at least: public ones, or private ones when it is internal."
  type        = list(string)

  validation {
    condition     = length(var.load_balancer_subnet_ids) >= 2
    error_message = "load_balancer_subnet_ids needs subnets in two zones at least: a load balancer asks for them."
  }
}

variable "task_subnet_ids" {
  description = "Subnets of the tasks."
  type        = list(string)
}

variable "assign_public_ip" {
  description = "Whether tasks get a public address: needed in public subnets without a NAT gateway to pull images. Nothing reaches them but the load balancer."
  type        = bool
  default     = false
}

variable "internal" {
  description = "Whether the load balancer is reachable only from inside the VPC and what is connected to it."
  type        = bool
  default     = false
}

variable "security_group_ids" {
  description = "Security groups: load_balancer and services."
  type        = map(string)
}

variable "certificate_arn" {
  description = "Certificate of the gateway's host name, in ACM."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of a certificate in ACM, such as arn:aws:acm:us-east-1:123456789012:certificate/...; the gateway takes tokens and is never served without TLS."
  }
}

variable "host_names" {
  description = "Host names of further services that the load balancer serves, by service. The query gateway is served under every other name."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for host in values(var.host_names) : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", host))]) && !contains(keys(var.host_names), "query-gateway")
    error_message = "host_names holds full host names by service, such as { governance-service = \"governance.example.com\" }; the query gateway needs none."
  }
}

variable "logs_bucket" {
  description = "Bucket of the load balancer's logs."
  type        = string
}

variable "protect" {
  description = "Whether the load balancer refuses to be deleted."
  type        = bool
  default     = true
}

variable "image_tag" {
  description = "Tag of the services' images in this account's registry."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "image_tag must be a fixed tag, such as 0.1.0: tags in the registry are immutable, and latest says nothing about what runs."
  }
}

variable "control_roles_image" {
  description = "Image with psql for the task that makes the services' roles in the control database."
  type        = string
  default     = "public.ecr.aws/docker/library/postgres:15"
}

variable "task_role_arns" {
  description = "Task role of each service."
  type        = map(string)
}

variable "execution_role_arns" {
  description = "Execution role of each service and of control-roles."
  type        = map(string)
}

variable "services" {
  description = "The services: port, size, number, environment and secrets."
  type = map(object({
    port        = number
    cpu         = number
    memory      = number
    replicas    = optional(number, 1)
    single      = optional(bool, false)
    autoscaling = optional(object({ min = number, max = number, cpu_percent = optional(number, 60) }))
    environment = optional(map(string), {})
    secrets     = optional(map(string), {})
  }))

  validation {
    condition = alltrue([for service in values(var.services) : contains(lookup({
      "256"  = [512, 1024, 2048]
      "512"  = [1024, 2048, 3072, 4096]
      "1024" = [for gb in range(2, 9) : gb * 1024]
      "2048" = [for gb in range(4, 17) : gb * 1024]
      "4096" = [for gb in range(8, 31) : gb * 1024]
      "8192" = [for gb in range(16, 61, 4) : gb * 1024]
    }, tostring(service.cpu), []), service.memory)])
    error_message = "A service has a size that Fargate does not have. CPU 256 takes 512 to 2048 MB, 512 takes 1024 to 4096, 1024 takes 2048 to 8192, 2048 takes 4096 to 16384."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : !service.single || (service.replicas <= 1 && service.autoscaling == null)])
    error_message = "A service that must run once (one writer of Bronze, one planner) cannot have replicas or autoscaling."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : service.autoscaling == null || try(service.autoscaling.min >= 1 && service.autoscaling.max >= service.autoscaling.min && service.autoscaling.max <= 50, false)])
    error_message = "autoscaling needs min of 1 or more and max of min to 50."
  }
  validation {
    condition     = alltrue([for service in values(var.services) : alltrue([for name in keys(service.environment) : !can(regex("(PASSWORD|SECRET)$", name))])])
    error_message = "Passwords and secrets do not belong in environment, which anyone who may describe a task reads: put the secret's ARN in secrets."
  }
  validation {
    condition     = contains(keys(var.services), "query-gateway")
    error_message = "services must have query-gateway: the load balancer serves it."
  }
}

variable "control_database" {
  description = "Control database: address, name, master secret, and the schema of each service that has one."
  type = object({
    address           = string
    name              = string
    master_secret_arn = string
    schemas           = map(string)
    secret_arns       = map(string)
  })
}

variable "capacity_provider" {
  description = "FARGATE, or FARGATE_SPOT at a third of the price for environments that may be interrupted."
  type        = string
  default     = "FARGATE"

  validation {
    condition     = contains(["FARGATE", "FARGATE_SPOT"], var.capacity_provider)
    error_message = "capacity_provider must be FARGATE or FARGATE_SPOT."
  }
}

variable "container_insights" {
  description = "Whether ECS keeps detailed metrics, which cost extra."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days that services' logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number of days that CloudWatch Logs knows, such as 30, 90 or 365; logs are never kept forever."
  }
}

variable "secret_recovery_days" {
  description = "Days for which a deleted secret can be brought back; 0 deletes at once."
  type        = number
  default     = 7
}
