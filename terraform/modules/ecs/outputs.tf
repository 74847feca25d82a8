output "cluster_name" {
  description = "The cluster."
  value       = var.name
  depends_on  = [aws_ecs_cluster.this]
}

output "service_names" {
  description = "The services."
  value       = toset(keys(var.services))
  depends_on  = [aws_ecs_service.this]
}

output "load_balancer_dns_name" {
  description = "Where the gateway's host name points to (CNAME or alias)."
  value       = aws_lb.this.dns_name
}

output "load_balancer_dimension" {
  description = "The load balancer in CloudWatch."
  value       = aws_lb.this.arn_suffix
}

output "target_group_dimensions" {
  description = "Target groups in CloudWatch, by service."
  value       = { for service, group in aws_lb_target_group.service : service => group.arn_suffix }
}

output "repository_urls" {
  description = "Image repositories by service."
  value       = { for service, repository in aws_ecr_repository.service : service => repository.repository_url }
}

output "identity_secret_arns" {
  description = "Secrets for the services' credentials at the identity provider."
  value       = { for service, secret in aws_secretsmanager_secret.identity : service => secret.arn }
}

output "control_roles_task" {
  description = "Task definition that makes the services' roles in the control database."
  value       = aws_ecs_task_definition.control_roles.family
}

output "internal_urls" {
  description = "Addresses of the services for each other."
  value       = { for name, service in var.services : name => "http://${name}.${var.name}.internal:${service.port}" }
  depends_on  = [aws_service_discovery_private_dns_namespace.this]
}
