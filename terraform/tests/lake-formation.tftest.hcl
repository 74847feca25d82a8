mock_provider "aws" {}

variables {
  account_id           = "123456789012"
  administrators       = ["arn:aws:iam::123456789012:role/deployer"]
  data_access_role_arn = "arn:aws:iam::123456789012:role/d"
  bucket_arns          = { bronze = "arn:aws:s3:::b", silver = "arn:aws:s3:::s", gold = "arn:aws:s3:::g" }
  databases            = { bronze = "lakehouse_bronze", silver = "lakehouse_silver", gold = "lakehouse_gold" }
  tables = {
    "silver.customer"   = { layer = "silver", name = "customer", scope = "tenant", tenant_column = "tenant_id", pii_columns = ["email"] }
    "silver.quarantine" = { layer = "silver", name = "quarantine", scope = "internal", pii_columns = [] }
    "gold.dim_customer" = { layer = "gold", name = "dim_customer", scope = "tenant", tenant_column = "tenant_id", pii_columns = ["email"] }
    "gold.dim_date"     = { layer = "gold", name = "dim_date", scope = "shared", pii_columns = [] }
  }
  table_names = {
    "silver.customer"      = { database = "lakehouse_silver", name = "customer", realtime = false }
    "silver.quarantine"    = { database = "lakehouse_silver", name = "quarantine", realtime = false }
    "gold.dim_customer"    = { database = "lakehouse_gold", name = "dim_customer", realtime = false }
    "gold.dim_customer_rt" = { database = "lakehouse_gold", name = "dim_customer_rt", realtime = true }
    "gold.dim_date"        = { database = "lakehouse_gold", name = "dim_date", realtime = false }
  }
  personas = [
    { name = "LakeFormationAdmin", description = "All.", schemas = ["bronze", "silver", "gold"], rows = "all", pii = true, internal = true, administers = true },
    { name = "DataEngineer", description = "Builds.", schemas = ["bronze", "silver", "gold"], rows = "all", pii = true, internal = false, administers = false },
    { name = "DataAnalyst", description = "Analyses.", schemas = ["gold"], rows = "all", pii = false, internal = false, administers = false },
    { name = "TenantSpecificAnalyst", description = "Own tenant.", schemas = ["gold"], rows = "tenants", pii = false, internal = false, administers = false },
  ]
  persona_role_arns = {
    LakeFormationAdmin = "arn:aws:iam::123456789012:role/lake/personas/lake-LakeFormationAdmin"
    DataEngineer       = "arn:aws:iam::123456789012:role/lake/personas/lake-DataEngineer"
    DataAnalyst        = "arn:aws:iam::123456789012:role/lake/personas/lake-DataAnalyst"
  }
  tier_role_arns   = { enterprise = "arn:aws:iam::123456789012:role/lake/tiers/lake-tier-enterprise" }
  tier_filters     = { tenant_filter_enterprise = { name = "tenant_filter_enterprise", tier = "enterprise", tenants = ["tenant-1", "tenant-2"], values = "'tenant-1', 'tenant-2'" } }
  job_role_arns    = { glue = "arn:aws:iam::123456789012:role/j", transform = "arn:aws:iam::123456789012:role/t" }
  crawler_role_arn = "arn:aws:iam::123456789012:role/k"
}

run "grants" {
  command = plan

  module {
    source = "./modules/lake-formation"
  }

  assert {
    condition     = alltrue([for default in concat(aws_lakeformation_data_lake_settings.this.create_table_default_permissions, aws_lakeformation_data_lake_settings.this.create_database_default_permissions) : length(default.permissions) == 0])
    error_message = "IAMAllowedPrincipals gets nothing."
  }
  assert {
    condition     = alltrue([for location in aws_lakeformation_resource.layer : !location.hybrid_access_enabled])
    error_message = "No hybrid access."
  }
  assert {
    condition     = aws_lakeformation_permissions.table["DataAnalyst gold.dim_customer"].table_with_columns[0].excluded_column_names == toset(["email"])
    error_message = "Analysts do not see personal data."
  }
  assert {
    condition     = length([for key in keys(aws_lakeformation_permissions.table) : key if startswith(key, "DataAnalyst silver")]) == 0 && !contains(keys(aws_lakeformation_permissions.table), "DataAnalyst gold.dim_customer_rt")
    error_message = "Analysts read Gold, by its compacted face."
  }
  assert {
    condition     = contains(keys(aws_lakeformation_permissions.table), "LakeFormationAdmin silver.quarantine") && !contains(keys(aws_lakeformation_permissions.table), "DataEngineer silver.quarantine")
    error_message = "Internal tables are for personas marked internal."
  }
  assert {
    condition     = length([for grant in aws_lakeformation_permissions.table : grant if strcontains(grant.principal, "TenantSpecificAnalyst")]) == 0
    error_message = "Tenants' grants are governance-service's."
  }
  assert {
    condition     = keys(aws_lakeformation_data_cells_filter.tier) == ["tenant_filter_enterprise gold.dim_customer"]
    error_message = "Tiers have a filter on each tenant table of Gold."
  }
  assert {
    condition     = aws_lakeformation_data_cells_filter.tier["tenant_filter_enterprise gold.dim_customer"].table_data[0].row_filter[0].filter_expression == "tenant_id IN ('tenant-1', 'tenant-2')"
    error_message = "The tier's rows."
  }
  assert {
    condition     = aws_lakeformation_data_cells_filter.tier["tenant_filter_enterprise gold.dim_customer"].table_data[0].column_wildcard[0].excluded_column_names == tolist(["email"])
    error_message = "The tier's columns."
  }
  assert {
    condition     = keys(aws_lakeformation_permissions.tier_shared) == ["tenant_filter_enterprise gold.dim_date"]
    error_message = "Shared tables are read whole."
  }
  assert {
    condition     = keys(aws_lakeformation_permissions.bronze) == ["DataEngineer", "LakeFormationAdmin"]
    error_message = "Bronze is for those who see personal data."
  }
}

run "bronze_is_withheld_when_it_holds_an_internal_table" {
  command = plan

  module {
    source = "./modules/lake-formation"
  }

  variables {
    internal_bronze_tables = ["bronze.core_secret"]
  }

  assert {
    condition     = keys(aws_lakeformation_permissions.bronze) == ["LakeFormationAdmin"] && output.bronze_withheld_from == tolist(["DataEngineer"])
    error_message = "A wildcard would grant the internal table."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/lake-formation"
  }

  variables {
    # Administrator that is a session.
    administrators = ["arn:aws:sts::123456789012:assumed-role/deployer/me"]
    # Tier without tenants.
    tier_filters = { empty = { name = "empty", tier = "enterprise", tenants = [], values = "" } }
    # Unknown rows.
    personas = [{ name = "X", description = "X.", schemas = ["gold"], rows = "some", pii = false, internal = false, administers = false }]
  }

  expect_failures = [var.administrators, var.tier_filters, var.personas]
}

run "refuses_also" {
  command = plan

  module {
    source = "./modules/lake-formation"
  }

  variables {
    # Administrator that the gateway becomes.
    administrators = ["arn:aws:iam::123456789012:role/lake/personas/lake-LakeFormationAdmin"]
    # Two filters for one tier.
    tier_filters = {
      one = { name = "one", tier = "enterprise", tenants = ["a"], values = "'a'" }
      two = { name = "two", tier = "enterprise", tenants = ["b"], values = "'b'" }
    }
  }

  expect_failures = [var.administrators, var.tier_filters]
}

run "expression_too_long" {
  command = plan

  module {
    source = "./modules/lake-formation"
  }

  variables {
    tier_filters = { long = { name = "long", tier = "enterprise", tenants = ["a"], values = join(", ", [for n in range(300) : "'tenant-${n}'"]) } }
  }

  expect_failures = [aws_lakeformation_data_cells_filter.tier]
}
