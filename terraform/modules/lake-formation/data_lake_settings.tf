# Administrators, and above all what new tables give to IAMAllowedPrincipals by default: nothing. That grant would let plain
# IAM permissions bypass every row and column rule.
resource "aws_lakeformation_data_lake_settings" "this" {
  catalog_id = var.account_id
  admins     = var.administrators

  # No engine outside of AWS's own may filter by itself, and none gets credentials for whole tables.
  allow_external_data_filtering         = false
  allow_full_table_external_data_access = false

  create_database_default_permissions {
    permissions = []
    principal   = "IAM_ALLOWED_PRINCIPALS"
  }

  create_table_default_permissions {
    permissions = []
    principal   = "IAM_ALLOWED_PRINCIPALS"
  }

  parameters = {
    CROSS_ACCOUNT_VERSION = "4"
  }
}

# Not hybrid: with hybrid access, whoever may read the bucket by IAM reads the rows.
resource "aws_lakeformation_resource" "layer" {
  for_each = var.databases

  arn                     = var.bucket_arns[each.key]
  role_arn                = var.data_access_role_arn
  use_service_linked_role = false
  hybrid_access_enabled   = false

  depends_on = [aws_lakeformation_data_lake_settings.this]
}
