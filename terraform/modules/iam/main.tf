# Every role of the estate. Policies are written as values, with ARNs that are known before anything exists, so that a plan
# shows them and the policy check can read them.

locals {
  glue   = "arn:${var.partition}:glue:${var.region}:${var.account_id}"
  athena = "arn:${var.partition}:athena:${var.region}:${var.account_id}:workgroup"
  logs   = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group"
  dms    = "arn:${var.partition}:dms:${var.region}:${var.account_id}"
  roles  = "arn:${var.partition}:iam::${var.account_id}:role"

  paths = {
    services = "/${var.name}/services/"
    data     = "/${var.name}/data/"
    personas = "/${var.name}/personas/"
    tiers    = "/${var.name}/tiers/"
    # Roles in here are made by governance-service, one for each tenant.
    tenants = "/${var.name}/tenants/"
  }

  service_role_arns = { for service in var.services : service => "${local.roles}${local.paths.services}${var.name}-${service}" }
  boundary_arn      = "arn:${var.partition}:iam::${var.account_id}:policy${local.paths.tenants}${var.name}-tenant-boundary"

  catalog_of = { for layer, database in var.databases : layer => [
    "${local.glue}:catalog",
    "${local.glue}:database/${database}",
    "${local.glue}:table/${database}/*",
  ] }

  read_catalog  = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"]
  write_catalog = ["glue:CreateTable", "glue:UpdateTable", "glue:CreatePartition", "glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchUpdatePartition", "glue:DeletePartition", "glue:BatchDeletePartition"]

  read_objects  = ["s3:GetObject", "s3:GetObjectVersion"]
  write_objects = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]

  # Confused-deputy guard for roles that an AWS service assumes.
  from_this_account = { StringEquals = { "aws:SourceAccount" = var.account_id } }
}
