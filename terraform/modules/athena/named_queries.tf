resource "aws_athena_named_query" "this" {
  for_each = var.queries

  name        = each.value.title
  description = each.value.description
  workgroup   = aws_athena_workgroup.this[each.value.workgroup].id
  database    = each.value.database
  query       = each.value.sql
}
