# Whom the gateway becomes to ask Athena. None of these may read the lake's objects: rows come through Lake Formation, which
# lets through what it granted. Personas whose rows are their tenants' have no role here; governance-service makes one for
# each tenant, within the boundary below.

locals {
  persona_schemas    = { for persona in var.personas : persona.name => persona.schemas if persona.rows == "all" }
  persona_workgroups = { for persona in keys(local.persona_schemas) : persona => [for workgroup in values(var.workgroups) : workgroup.name if contains(workgroup.personas, persona)] }

  tenant_schemas = distinct(flatten([for persona in var.personas : persona.schemas if persona.rows == "tenants"]))

  query_actions = ["athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution", "athena:GetWorkGroup", "athena:GetQueryRuntimeStatistics"]

  # Who is asked about: the gateway sets the user's name as source identity, and CloudTrail keeps it.
  assumed_by_gateway = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = local.service_role_arns["query-gateway"] }
      Action    = ["sts:AssumeRole", "sts:SetSourceIdentity"]
      Condition = { Null = { "sts:SourceIdentity" = "false" } }
    }]
  }

  readers = merge(
    { for persona, schemas in local.persona_schemas : persona => {
      name        = "${var.name}-${persona}"
      path        = local.paths.personas
      description = one([for each in var.personas : each.description if each.name == persona])
      schemas     = schemas
      workgroups  = local.persona_workgroups[persona]
    } },
    { for tier in var.tiers : "tier-${tier}" => {
      name        = "${var.name}-tier-${tier}"
      path        = local.paths.tiers
      description = "Account team of tier ${tier}: its tenants' rows, no personal data."
      schemas     = local.tenant_schemas
      # A workgroup of its own: who shares one sees the others' queries and results.
      workgroups = ["${var.name}-tier-${tier}"]
    } },
  )
}

resource "aws_iam_role" "reader" {
  for_each = local.readers

  name                 = each.value.name
  path                 = each.value.path
  description          = each.value.description
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.assumed_by_gateway)

  depends_on = [aws_iam_role.service]
}

resource "aws_iam_role_policy" "reader" {
  for_each = local.readers

  name = "query"
  role = aws_iam_role.reader[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for workgroups in [each.value.workgroups] : { Sid = "Query", Effect = "Allow", Action = local.query_actions, Resource = [for workgroup in workgroups : "${local.athena}/${workgroup}"] } if length(workgroups) > 0],
      [
        { Sid = "Catalog", Effect = "Allow", Action = concat(local.read_catalog, ["glue:GetDatabases"]), Resource = distinct(concat(
          flatten([for schema in each.value.schemas : local.catalog_of[schema]]),
          ["${local.glue}:database/default"],
        )) },
        { Sid = "Rows", Effect = "Allow", Action = "lakeformation:GetDataAccess", Resource = "*" },
        { Sid = "FindResults", Effect = "Allow", Action = "s3:GetBucketLocation", Resource = var.bucket_arns["athena-results"] },
      ],
      [for workgroups in [each.value.workgroups] : {
        Sid      = "OwnResults"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = [for workgroup in workgroups : "${var.bucket_arns["athena-results"]}/workgroups/${workgroup}/*"]
      } if length(workgroups) > 0],
    )
  })
}

# The most that any tenant's role can ever do, whatever policy governance-service writes for it. The session's tag names the
# tenant, so one tenant's role cannot touch another's workgroup or results even by mistake.
resource "aws_iam_policy" "tenant_boundary" {
  name        = "${var.name}-tenant-boundary"
  path        = local.paths.tenants
  description = "Permissions boundary of the roles that governance-service makes for tenants."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Query", Effect = "Allow", Action = local.query_actions, Resource = "${local.athena}/${var.name}-tenant-$${aws:PrincipalTag/tenant}" },
      { Sid = "Catalog", Effect = "Allow", Action = concat(local.read_catalog, ["glue:GetDatabases"]), Resource = distinct(concat(
        flatten([for schema in local.tenant_schemas : local.catalog_of[schema]]),
        ["${local.glue}:database/default"],
      )) },
      { Sid = "Rows", Effect = "Allow", Action = "lakeformation:GetDataAccess", Resource = "*" },
      { Sid = "FindResults", Effect = "Allow", Action = "s3:GetBucketLocation", Resource = var.bucket_arns["athena-results"] },
      {
        Sid      = "OwnResults"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = "${var.bucket_arns["athena-results"]}/tenants/$${aws:PrincipalTag/tenant}/*"
      },
    ]
  })
}
