output "tables" {
  description = "Silver and Gold tables by dataset name, with Hive types; every check of the description hangs here."
  value       = local.tables

  precondition {
    condition = alltrue([for file in concat(values(local.table_files), values(local.derived_files), values(local.metric_files), values(local.query_files), [local.governance]) :
    try(file.version, 0) == local.version])
    error_message = "A file of the lakehouse description has another version than ${local.version}: this version of Terraform's modules cannot read it."
  }
  precondition {
    condition     = alltrue(flatten([for files in [local.table_files, local.derived_files, local.metric_files, local.query_files] : [for name, file in files : file.name == name]]))
    error_message = "A file of the lakehouse description is not called like the name inside: ${join(", ", flatten([for files in [local.table_files, local.derived_files, local.metric_files, local.query_files] : [for name, file in files : name if file.name != name]]))}. Rename the file."
  }
  precondition {
    condition     = !anytrue([for type in values(local.hive_types) : strcontains(type, "unknown")])
    error_message = "No Glue type is known for ${join(", ", [for trino, hive in local.hive_types : trino if strcontains(hive, "unknown")])}: use one of the types in docs/ADDING_A_TABLE.md."
  }
  precondition {
    condition     = alltrue([for name in keys(local.table_files) : local.pii_2[name] == local.pii_3[name]])
    error_message = "Derivations build on each other in more than two steps from personal data: say pii: true or pii: false on each of them."
  }
  precondition {
    condition     = alltrue(flatten([for table in concat(values(local.silver), values(local.computed)) : [for key in table.partition_keys : key != null]]))
    error_message = "A partition column is not among its table's columns: add it to columns in the file under lakehouse/."
  }
}

output "sources" {
  description = "Tables of the source that are captured: schema and table."
  value       = local.sources
}

output "dms_table_mappings" {
  description = "Table mappings of the DMS task, JSON."
  value       = local.dms_table_mappings

  precondition {
    condition     = length(distinct([for rule in local.dms_rules : rule.rule-id])) == length(local.dms_rules)
    error_message = "Two DMS rules got the same id. Two files under lakehouse/tables/ probably name the same source table."
  }
}

output "databases" {
  description = "Glue database of each layer."
  value       = { for layer in ["bronze", "silver", "gold"] : layer => "${var.database_prefix}${layer}" }
}

output "personas" {
  description = "Personas in order of precedence."
  value       = local.personas
}

output "internal_tables" {
  description = "Datasets of scope internal, by layer. Bronze counts those that Silver takes from it."
  value = {
    bronze = [for table in values(local.silver) : table.inputs[0] if table.scope == "internal"]
    silver = [for table in concat(values(local.silver), values(local.histories), values(local.quarantines), values(local.flag_tables), values(local.computed)) : table.dataset if table.scope == "internal" && table.layer == "silver"]
    gold   = [for table in values(local.computed) : table.dataset if table.scope == "internal" && table.layer == "gold"]
  }
}

output "tier_filters" {
  description = "Tier filters by name, with their tenants and the SQL list of them."
  value       = local.tier_filters

  precondition {
    condition     = alltrue([for filter in values(local.tier_filters) : length(filter.values) + 80 <= 2048])
    error_message = "A tier filter in governance.yaml names so many tenants that its expression is longer than the 2048 characters that Lake Formation takes: split the tier."
  }
}

output "workgroups" {
  description = "Athena workgroups by name."
  value       = local.workgroups

  precondition {
    condition     = alltrue(flatten([for workgroup in values(local.workgroups) : [for persona in workgroup.personas : contains(local.personas[*].name, persona)]]))
    error_message = "A workgroup in governance.yaml names a persona that does not exist there."
  }
}

output "queries" {
  description = "Saved queries by name, in Athena's names of databases."
  value       = local.queries

  precondition {
    condition     = alltrue([for query in values(local.queries) : contains(keys(local.workgroups), query.workgroup)])
    error_message = "A saved query names a workgroup that governance.yaml does not have: ${join(", ", [for query in values(local.queries) : query.name if !contains(keys(local.workgroups), query.workgroup)])}."
  }
}
