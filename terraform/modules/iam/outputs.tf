output "service_role_arns" {
  description = "Task role of each service."
  value       = local.service_role_arns
  depends_on  = [aws_iam_role_policy.service]
}

output "execution_role_arns" {
  description = "Execution role of each service, and of the task control-roles."
  value       = { for name, role in aws_iam_role.execution : name => "${local.roles}${local.paths.services}${var.name}-${name}-start" }
  depends_on  = [aws_iam_role_policy.execution]
}

output "dms_role_arns" {
  description = "Roles of DMS: target and secret. Empty when DMS does not capture."
  value       = { for role in keys(aws_iam_role.dms) : role => "${local.roles}${local.paths.data}${var.name}-dms-${role}" }
  depends_on  = [aws_iam_role_policy.dms_target, aws_iam_role_policy.dms_secret, aws_iam_role_policy_attachment.dms_account]
}

output "glue_role_arns" {
  description = "Roles of Glue: jobs and crawlers."
  value       = { for role in keys(aws_iam_role.glue) : role => "${local.roles}${local.paths.data}${var.name}-glue-${role}" }
  depends_on  = [aws_iam_role_policy.glue_jobs, aws_iam_role_policy.glue_crawlers]
}

output "data_access_role_arn" {
  description = "Role with which Lake Formation reaches registered locations."
  value       = "${local.roles}${local.paths.data}${var.name}-data-access"
  depends_on  = [aws_iam_role_policy.data_access]
}

output "flow_log_role_arn" {
  description = "Role of VPC flow logs; null without them."
  value       = var.with_flow_logs ? "${local.roles}${local.paths.data}${var.name}-flow-logs" : null
  depends_on  = [aws_iam_role_policy.flow_logs]
}

output "persona_role_arns" {
  description = "Role of each persona that reads all tenants' rows."
  value       = { for persona in keys(local.persona_schemas) : persona => "${local.roles}${local.paths.personas}${var.name}-${persona}" }
  depends_on  = [aws_iam_role.reader, aws_iam_role_policy.reader]
}

output "tier_role_arns" {
  description = "Role of each tier's account team."
  value       = { for tier in var.tiers : tier => "${local.roles}${local.paths.tiers}${var.name}-tier-${tier}" }
  depends_on  = [aws_iam_role.reader, aws_iam_role_policy.reader]
}

output "tenant_role_path" {
  description = "IAM path of the roles that governance-service makes for tenants."
  value       = local.paths.tenants
}

output "tenant_boundary_arn" {
  description = "Permissions boundary that those roles must have."
  value       = local.boundary_arn
  depends_on  = [aws_iam_policy.tenant_boundary]
}
