# Grants compiled from the personas. A table of scope internal is granted to personas marked internal, and columns of
# personal data to personas that may see them.

locals {
  readers = { for persona in var.personas : persona.name => persona if persona.rows == "all" }

  database_grants = merge(
    merge([for name, persona in local.readers : { for schema in persona.schemas : "${name} ${schema}" => { principal = var.persona_role_arns[name], database = var.databases[schema] } }]...),
    { for name in keys(local.readers) : "${name} default" => { principal = var.persona_role_arns[name], database = var.default_database } },
    merge([for tier, arn in var.tier_role_arns : { for schema in local.tenant_schemas : "tier-${tier} ${schema}" => { principal = arn, database = var.databases[schema] } }]...),
    { for tier, arn in var.tier_role_arns : "tier-${tier} default" => { principal = arn, database = var.default_database } },
    { for role, arn in var.job_role_arns : "${role} default" => { principal = arn, database = var.default_database } },
  )

  # Known tables one by one: a wildcard would also grant tables that appear later, whatever their scope.
  table_grants = merge([for name, persona in local.readers : { for face, table in var.table_names : "${name} ${face}" => {
    principal = var.persona_role_arns[name]
    face      = face
    hidden    = persona.pii ? [] : var.tables[trimsuffix(face, "_rt")].pii_columns
    } if contains(persona.schemas, var.tables[trimsuffix(face, "_rt")].layer)
    && (persona.internal || var.tables[trimsuffix(face, "_rt")].scope != "internal")
    # The merging face is for those who see everything in the layer.
    && (!table.realtime || persona.pii)
  }]...)

  # Bronze tables are found by the crawler and not known here, so Bronze is granted as a whole, or not at all when it holds a
  # table that the persona may not read. It carries personal data in every table.
  bronze_readers = { for name, persona in local.readers : name => var.persona_role_arns[name] if contains(persona.schemas, "bronze") && persona.pii && (persona.internal || length(var.internal_bronze_tables) == 0) }

  locations = merge(
    merge([for role, arn in var.job_role_arns : { for layer in ["silver", "gold"] : "${role} ${layer}" => { principal = arn, layer = layer } }]...),
    { for layer in keys(var.databases) : "crawlers ${layer}" => { principal = var.crawler_role_arn, layer = layer } },
  )
}

resource "aws_lakeformation_permissions" "database" {
  for_each = local.database_grants

  principal   = each.value.principal
  permissions = ["DESCRIBE"]

  database {
    catalog_id = var.account_id
    name       = each.value.database
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}

resource "aws_lakeformation_permissions" "table" {
  for_each = local.table_grants

  principal   = each.value.principal
  permissions = ["SELECT"]

  table_with_columns {
    catalog_id            = var.account_id
    database_name         = var.table_names[each.value.face].database
    name                  = var.table_names[each.value.face].name
    wildcard              = true
    excluded_column_names = each.value.hidden
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}

resource "aws_lakeformation_permissions" "bronze" {
  for_each = local.bronze_readers

  principal   = each.value
  permissions = ["SELECT", "DESCRIBE"]

  table {
    catalog_id    = var.account_id
    database_name = var.databases["bronze"]
    wildcard      = true
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}

# Jobs need whole tables: Lake Formation filters Hudi for Athena only.
resource "aws_lakeformation_permissions" "job_databases" {
  for_each = { for pair in setproduct(keys(var.job_role_arns), ["silver", "gold"]) : join(" ", pair) => { principal = var.job_role_arns[pair[0]], database = var.databases[pair[1]] } }

  principal   = each.value.principal
  permissions = ["CREATE_TABLE", "DESCRIBE"]

  database {
    catalog_id = var.account_id
    name       = each.value.database
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}

resource "aws_lakeformation_permissions" "job_tables" {
  for_each = { for pair in setproduct(keys(var.job_role_arns), ["silver", "gold"]) : join(" ", pair) => { principal = var.job_role_arns[pair[0]], database = var.databases[pair[1]] } }

  principal   = each.value.principal
  permissions = ["SELECT", "INSERT", "DELETE", "ALTER", "DESCRIBE"]

  table {
    catalog_id    = var.account_id
    database_name = each.value.database
    wildcard      = true
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}

resource "aws_lakeformation_permissions" "crawler_databases" {
  for_each = var.databases

  principal   = var.crawler_role_arn
  permissions = ["CREATE_TABLE", "DESCRIBE"]

  database {
    catalog_id = var.account_id
    name       = each.value
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}

resource "aws_lakeformation_permissions" "crawler_tables" {
  for_each = var.databases

  principal   = var.crawler_role_arn
  permissions = ["ALTER", "DESCRIBE"]

  table {
    catalog_id    = var.account_id
    database_name = each.value
    wildcard      = true
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}

resource "aws_lakeformation_permissions" "location" {
  for_each = local.locations

  principal   = each.value.principal
  permissions = ["DATA_LOCATION_ACCESS"]

  data_location {
    catalog_id = var.account_id
    arn        = aws_lakeformation_resource.layer[each.value.layer].arn
  }
}
