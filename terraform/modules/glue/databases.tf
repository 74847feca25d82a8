resource "aws_glue_catalog_database" "layer" {
  for_each = var.databases

  catalog_id   = var.account_id
  name         = each.value
  description  = { bronze = "What capture landed, as it came.", silver = "Current rows of the source's tables (Hudi, copy-on-write).", gold = "Metrics and dimensions (Hudi, merge-on-read)." }[each.key]
  location_uri = "s3://${var.bucket_names[each.key]}/"

  # Without this block AWS grants everything on new tables to IAMAllowedPrincipals, which bypasses Lake Formation.
  create_table_default_permission {
    permissions = []
  }
}

# Athena asks for DESCRIBE on default whatever the query is.
resource "aws_glue_catalog_database" "default" {
  count = var.create_default_database ? 1 : 0

  catalog_id  = var.account_id
  name        = "default"
  description = "Empty; Athena asks about it."

  create_table_default_permission {
    permissions = []
  }
}
