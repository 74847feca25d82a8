import {
  for_each = var.adopt_primary_workgroup ? toset(["primary"]) : toset([])

  to = module.lakehouse.module.athena.aws_athena_workgroup.this[each.key]
  id = each.key
}
