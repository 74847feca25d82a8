# Account teams: one filter a tier and Gold table. Tenants' own filters, one tenant each, are governance-service's: a filter
# of several tenants would let those tenants see each other.

locals {
  tenant_schemas = distinct(flatten([for persona in var.personas : persona.schemas if persona.rows == "tenants"]))
  tenant_pii     = anytrue([for persona in var.personas : persona.pii if persona.rows == "tenants"])

  tier_tables = { for pair in setproduct(values(var.tier_filters)[*].name, [for dataset, table in var.tables : dataset if contains(local.tenant_schemas, table.layer) && table.scope == "tenant"]) :
    "${pair[0]} ${pair[1]}" => {
      filter  = pair[0]
      tier    = var.tier_filters[pair[0]].tier
      dataset = pair[1]
      # Two tables of one database may not share a filter's name with different text, so each is named within its table.
      expression = "${var.tables[pair[1]].tenant_column} IN (${var.tier_filters[pair[0]].values})"
      hidden     = local.tenant_pii ? [] : var.tables[pair[1]].pii_columns
    }
  }

  # Tables without any tenant's data are read whole.
  tier_shared = { for pair in setproduct(values(var.tier_filters)[*].name, [for dataset, table in var.tables : dataset if contains(local.tenant_schemas, table.layer) && table.scope == "shared"]) :
    "${pair[0]} ${pair[1]}" => {
      tier    = var.tier_filters[pair[0]].tier
      dataset = pair[1]
      hidden  = local.tenant_pii ? [] : var.tables[pair[1]].pii_columns
    }
  }
}

resource "aws_lakeformation_data_cells_filter" "tier" {
  for_each = local.tier_tables

  table_data {
    table_catalog_id = var.account_id
    database_name    = var.table_names[each.value.dataset].database
    table_name       = var.table_names[each.value.dataset].name
    name             = each.value.filter

    column_wildcard {
      excluded_column_names = each.value.hidden
    }

    row_filter {
      filter_expression = each.value.expression
    }
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]

  lifecycle {
    precondition {
      condition     = length(each.value.expression) <= 2048
      error_message = "The expression of ${each.value.filter} on ${each.value.dataset} is longer than the 2048 characters that Lake Formation takes: split the tier in governance.yaml."
    }
  }
}

resource "aws_lakeformation_permissions" "tier_rows" {
  for_each = local.tier_tables

  principal   = var.tier_role_arns[each.value.tier]
  permissions = ["SELECT"]

  data_cells_filter {
    table_catalog_id = var.account_id
    database_name    = var.table_names[each.value.dataset].database
    table_name       = var.table_names[each.value.dataset].name
    name             = aws_lakeformation_data_cells_filter.tier[each.key].table_data[0].name
  }
}

resource "aws_lakeformation_permissions" "tier_shared" {
  for_each = local.tier_shared

  principal   = var.tier_role_arns[each.value.tier]
  permissions = ["SELECT"]

  table_with_columns {
    catalog_id            = var.account_id
    database_name         = var.table_names[each.value.dataset].database
    name                  = var.table_names[each.value.dataset].name
    wildcard              = true
    excluded_column_names = each.value.hidden
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}
