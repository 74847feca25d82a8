# DMS table mappings. The plan's rule that adds tenant_id is left out on purpose: it would duplicate an existing column, and
# core_tenant has none to copy.

locals {
  # Rule ids follow from the rule's own name, so that a new table does not renumber the others' rules.
  dms_rules = concat([for table in local.sources : {
    rule-type      = "selection"
    rule-id        = tostring(parseint(substr(sha256("select ${table.schema}.${table.table}"), 0, 7), 16))
    rule-name      = "select-${table.schema}-${table.table}"
    object-locator = { schema-name = table.schema, table-name = table.table }
    rule-action    = "include"
    }], flatten([for table in local.sources : [for column, expression in local.dms_header_columns : {
      rule-type      = "transformation"
      rule-id        = tostring(parseint(substr(sha256("${column} ${table.schema}.${table.table}"), 0, 7), 16))
      rule-name      = "${column}-${table.schema}-${table.table}"
      rule-target    = "column"
      object-locator = { schema-name = table.schema, table-name = table.table }
      rule-action    = "add-column"
      value          = column
      expression     = expression
      data-type      = { type = "string", length = 50 }
  }]]))

  # Commit times tie; these order changes within one transaction.
  dms_header_columns = {
    dms_change_seq      = "$AR_H_CHANGE_SEQ"
    dms_stream_position = "$AR_H_STREAM_POSITION"
  }

  sources = [for name in sort(keys(local.table_files)) : {
    schema = try(local.table_files[name].source.schema, "public")
    table  = local.table_files[name].source.table
  }]

  # jsonencode of objects of different shapes needs each encoded by itself.
  dms_table_mappings = "{\"rules\":[${join(",", [for rule in local.dms_rules : jsonencode(rule)])}]}"
}
