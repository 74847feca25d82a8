output "database_names" {
  description = "Database of each layer, once it exists."
  value       = var.databases
  depends_on  = [aws_glue_catalog_database.layer]
}

output "default_database" {
  description = "The database that Athena asks about."
  value       = "default"
  depends_on  = [aws_glue_catalog_database.default]
}

output "table_names" {
  description = "Catalog tables by dataset; datasets that end with _rt are the merging faces."
  value       = { for face, table in local.faces : face => { database = table.database, name = table.catalog_name, realtime = table.realtime } }
  depends_on  = [aws_glue_catalog_table.this]
}

output "job_names" {
  description = "Glue job of each dataset."
  value       = local.job_names
  depends_on  = [aws_glue_job.bronze_to_silver, aws_glue_job.silver_to_gold]
}

output "crawler_names" {
  description = "Crawler of each layer."
  value       = { for layer in keys(local.crawled) : layer => "${var.name}-${layer}-crawler" }
  depends_on  = [aws_glue_crawler.this]
}

output "workflow_name" {
  description = "The safety net."
  value       = aws_glue_workflow.safety_net.name
}
