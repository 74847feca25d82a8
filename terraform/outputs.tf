output "buckets" {
  description = "Buckets by purpose."
  value       = module.s3.bucket_names
}

output "databases" {
  description = "Glue database of each layer."
  value       = module.glue.database_names
}

output "job_names" {
  description = "Glue job of each dataset."
  value       = module.glue.job_names
}

output "crawler_names" {
  description = "Crawlers, started on demand."
  value       = module.glue.crawler_names
}

output "workgroups" {
  description = "Athena workgroups."
  value       = module.athena.workgroup_names
}

output "persona_role_arns" {
  description = "Roles of personas that read all tenants' rows."
  value       = module.iam.persona_role_arns
}

output "tier_role_arns" {
  description = "Roles of account teams."
  value       = module.iam.tier_role_arns
}

output "tenant_role_path" {
  description = "IAM path in which governance-service makes tenants' roles."
  value       = module.iam.tenant_role_path
}

output "tenant_boundary_arn" {
  description = "Permissions boundary of tenants' roles."
  value       = module.iam.tenant_boundary_arn
}

output "service_role_arns" {
  description = "Task roles of the services."
  value       = module.iam.service_role_arns
}

output "queue_urls" {
  description = "Queues: landing (files that DMS landed), glue-runs (ends of Glue runs)."
  value       = module.events.queue_urls
}

output "topic_arns" {
  description = "Alert topics: pipeline, jobs, cost."
  value       = module.monitoring.topic_arns
}

output "dms_task_arn" {
  description = "DMS task; null when the project's own engine captures."
  value       = one(module.dms[*].task_arn)
}

output "control_database" {
  description = "Control database: address, name, and the secrets of the services' roles."
  value       = { address = module.database.address, database = module.database.database, secret_arns = module.database.service_secret_arns }
}

output "control_roles_run" {
  description = "What aws ecs run-task needs to make the services' roles in the control database."
  value = {
    cluster          = module.ecs.cluster_name
    task_definition  = module.ecs.control_roles_task
    subnets          = var.nat_gateways == "none" ? local.public_subnets : local.private_subnets
    security_group   = module.networking.security_group_ids["services"]
    assign_public_ip = var.nat_gateways == "none" ? "ENABLED" : "DISABLED"
  }
}

output "identity_secret_arns" {
  description = "Secrets that take the services' credentials at the identity provider."
  value       = module.ecs.identity_secret_arns
}

output "repository_urls" {
  description = "Image repositories."
  value       = module.ecs.repository_urls
}

output "load_balancer_dns_name" {
  description = "Where the gateway's host name points to."
  value       = module.ecs.load_balancer_dns_name
}

output "source_reader_security_group_id" {
  description = "Who connects to the source: let this group in there."
  value       = module.networking.source_reader_security_group_id
}

output "bronze_withheld_from" {
  description = "Personas that may read Bronze by the description but get nothing there."
  value       = module.lake_formation.bronze_withheld_from
}

output "alarm_names" {
  description = "All alarms."
  value       = module.monitoring.alarm_names
}
