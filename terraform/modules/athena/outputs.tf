output "workgroup_names" {
  description = "All workgroups."
  value       = sort(keys(local.all))
  depends_on  = [aws_athena_workgroup.this]
}

output "named_query_ids" {
  description = "Saved queries' ids in Athena, by name."
  value       = { for name, query in aws_athena_named_query.this : name => query.id }
}
