output "catalog_id" {
  description = "The catalog, once new databases grant nothing by default. Databases that are made before would keep AWS's default grants."
  value       = var.account_id
  depends_on  = [aws_lakeformation_data_lake_settings.this]
}

output "bronze_withheld_from" {
  description = "Personas that may read Bronze by the description but get nothing, because Bronze holds an internal table or they may not see personal data."
  value       = sort([for name, persona in local.readers : name if contains(persona.schemas, "bronze") && !contains(keys(local.bronze_readers), name)])
}

output "tier_expressions" {
  description = "Row filter of each tier and dataset."
  value       = { for key, table in local.tier_tables : key => table.expression }
}

output "registered_locations" {
  description = "Locations that Lake Formation governs."
  value       = { for layer, resource in aws_lakeformation_resource.layer : layer => resource.arn }
}
