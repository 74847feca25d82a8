# The description as Terraform values. It has no resources: what is made of it is the other modules' business.

locals {
  version = 1

  table_files   = { for file in fileset(var.directory, "tables/*.yaml") : trimsuffix(basename(file), ".yaml") => yamldecode(file("${var.directory}/${file}")) }
  governance    = yamldecode(file("${var.directory}/governance.yaml"))
  metric_texts  = { for file in fileset(var.directory, "metrics/*.sql") : trimsuffix(basename(file), ".sql") => replace(file("${var.directory}/${file}"), "\r\n", "\n") }
  derived_texts = { for file in fileset(var.directory, "derived/*.sql") : trimsuffix(basename(file), ".sql") => replace(file("${var.directory}/${file}"), "\r\n", "\n") }
  query_texts   = { for file in fileset(var.directory, "queries/*.sql") : trimsuffix(basename(file), ".sql") => replace(file("${var.directory}/${file}"), "\r\n", "\n") }

  # A YAML header between two lines of three hyphens, then SQL.
  metric_files  = { for name, text in local.metric_texts : name => yamldecode(regex("(?s)^---\\n(.*?)\\n---\\n", text)[0]) }
  derived_files = { for name, text in local.derived_texts : name => yamldecode(regex("(?s)^---\\n(.*?)\\n---\\n", text)[0]) }
  query_files   = { for name, text in local.query_texts : name => yamldecode(regex("(?s)^---\\n(.*?)\\n---\\n", text)[0]) }
  query_sql     = { for name, text in local.query_texts : name => trimspace(regex("(?s)^---\\n.*?\\n---\\n(.*)$", text)[0]) }

  personal_data = { for entry in try(local.governance.personal_data, []) : entry.table => entry.columns }

  # Trino's notation to Hive's. Arrays are peeled off first; {n} closing brackets belong to them.
  silver_types = { for type in distinct(flatten(concat(
    [for table in values(local.table_files) : [for column in table.columns : column.type]],
    [for table in values(local.table_files) : [for derivation in try(table.derivations, []) : derivation.type]],
    [for metric in concat(values(local.derived_files), values(local.metric_files)) : [for column in metric.columns : column.type]],
    ))) : type => {
    depth = length(regexall("array *\\(", lower(type)))
    base = replace(replace(trimspace(lower(type)), "/^(array *\\( *)*/", ""),
    "/( *\\)){${length(regexall("array *\\(", lower(type)))}}$/", "")
  } }

  hive_types = { for type, parts in local.silver_types : type => join("", concat(
    [for level in range(parts.depth) : "array<"],
    [startswith(parts.base, "decimal") ? replace(parts.base, " ", "") :
      startswith(parts.base, "varchar") ? "string" :
      startswith(parts.base, "timestamp") ? "timestamp" :
      lookup({
        boolean = "boolean", bigint = "bigint", real = "float", double = "double", date = "date", varbinary = "binary",
        # Hudi's files know no narrower integers than 32 bits.
        smallint = "int", integer = "int",
        # Bronze carries times of day as text.
        "time(6)" = "string"
    }, parts.base, "unknown")],
    [for level in range(parts.depth) : ">"],
  )) }

  hoodie_columns = [for name in ["_hoodie_commit_time", "_hoodie_commit_seqno", "_hoodie_record_key", "_hoodie_partition_path", "_hoodie_file_name"] :
    { name = name, type = "string", comment = "Hudi's own.", pii = false }
  ]

  # Personal data of the source's columns, and three rounds of what is derived from them: a derivation that replaces or
  # mentions personal data is personal data unless it says otherwise.
  pii_0 = { for name, table in local.table_files : name => toset(concat(
    [for column in table.columns : column.name if try(column.pii, false)],
    try(local.personal_data["silver.${name}"], []),
  )) }
  pii_1 = { for name, table in local.table_files : name => setunion(local.pii_0[name], [for derivation in try(table.derivations, []) : derivation.column if try(derivation.pii,
  contains(local.pii_0[name], derivation.column) || anytrue([for column in local.pii_0[name] : can(regex("(?i)\\b${column}\\b|[(,]\\s*(\\w+\\.)?\\*", derivation.expression))]))]) }
  pii_2 = { for name, table in local.table_files : name => setunion(local.pii_1[name], [for derivation in try(table.derivations, []) : derivation.column if try(derivation.pii,
  anytrue([for column in local.pii_1[name] : can(regex("(?i)\\b${column}\\b|[(,]\\s*(\\w+\\.)?\\*", derivation.expression))]))]) }
  pii_3 = { for name, table in local.table_files : name => setunion(local.pii_2[name], [for derivation in try(table.derivations, []) : derivation.column if try(derivation.pii,
  anytrue([for column in local.pii_2[name] : can(regex("(?i)\\b${column}\\b|[(,]\\s*(\\w+\\.)?\\*", derivation.expression))]))]) }
  # A derivation that says pii: false of the column it replaces makes that column readable, unless governance.yaml names it.
  pii_freed = { for name, table in local.table_files : name => setsubtract([for derivation in try(table.derivations, []) : derivation.column if !try(derivation.pii, true)],
  try(local.personal_data["silver.${name}"], [])) }

  # Personal columns of what is stored.
  pii_stored = { for name, table in local.table_files : name => setsubtract(local.pii_3[name], local.pii_freed[name]) }

  # What flags name of a row says something of the columns that they judge, and of those that they lead to.
  pii_expectations = { for name, table in local.table_files : name => [for expectation in try(table.expectations, []) : expectation.name if try(expectation.pii,
    anytrue(concat(
      [for column in local.pii_stored[name] : contains(try(expectation.columns, []), column) || can(regex("(?i)\\b${column}\\b|[(,]\\s*(\\w+\\.)?\\*", try(expectation.expression, "")))],
      [for column in try(expectation.to, local.table_files[trimprefix(expectation.references, "silver.")].key, []) : contains(local.pii_stored[trimprefix(expectation.references, "silver.")], column)]
  )))] }
  pii_columns = { for name, table in local.table_files : name => setunion(local.pii_stored[name],
  anytrue([for expectation in local.flags[name] : contains(local.pii_expectations[name], expectation.name)]) ? ["quality_flags"] : []) }

  # Expectations that flag by a row alone, and those that other rows decide: these are a table of their own.
  flags       = { for name, table in local.table_files : name => [for expectation in try(table.expectations, []) : expectation if expectation.severity == "flag" && !contains(["unique", "relationship"], expectation.kind)] }
  across_rows = { for name, table in local.table_files : name => [for expectation in try(table.expectations, []) : expectation if contains(["unique", "relationship"], expectation.kind)] }

  silver_columns = { for name, table in local.table_files : name => concat(
    [for column in table.columns : {
      name    = column.name
      type    = local.hive_types[try([for derivation in try(table.derivations, []) : derivation.type if derivation.column == column.name][0], column.type)]
      comment = try([for derivation in try(table.derivations, []) : derivation.description if derivation.column == column.name][0], column.description)
    }],
    [for derivation in try(table.derivations, []) : {
      name    = derivation.column
      type    = local.hive_types[derivation.type]
      comment = derivation.description
    } if !contains(table.columns[*].name, derivation.column)],
    length(local.flags[name]) > 0 ?
    [{ name = "quality_flags", type = "array<string>", comment = "Names of the expectations that the row does not meet." }] : [],
    # Silver calls the tenant's column tenant_id, whatever the source calls it.
    table.scope == "tenant" && try(table.tenant_column, "tenant_id") != "tenant_id" && !contains(table.columns[*].name, "tenant_id") ?
    [{ name = "tenant_id", type = "string", comment = "Tenant." }] : [],
    [{ name = "_change_seq", type = "string", comment = "Change sequence." }, { name = "_commit_ts", type = "timestamp", comment = "Commit time at the source." }],
    table.partition_by == "tenant_and_month" ? [{ name = "load_date", type = "date", comment = "First day of the month of ${table.month_of}." }] : [],
  ) }

  silver_partitions = { for name, table in local.table_files : name =>
    table.partition_by == "tenant" ? ["tenant_id"] : table.partition_by == "tenant_and_month" ? ["tenant_id", "load_date"] : []
  }

  silver = { for name, table in local.table_files : "silver.${name}" => {
    dataset       = "silver.${name}"
    layer         = "silver"
    database      = "${var.database_prefix}silver"
    name          = name
    path          = name
    scope         = table.scope
    description   = table.description
    tenant_column = table.scope == "tenant" ? "tenant_id" : null
    table_type    = "COPY_ON_WRITE"
    inputs        = ["bronze.${table.source.table}"]
    columns = concat(local.hoodie_columns, [for column in local.silver_columns[name] : merge(column, {
      pii = contains(local.pii_columns[name], column.name)
    }) if !contains(local.silver_partitions[name], column.name)])
    partition_keys = [for partition in local.silver_partitions[name] : one([for column in local.silver_columns[name] : column if column.name == partition])]
    pii_columns    = sort([for column in local.silver_columns[name] : column.name if contains(local.pii_columns[name], column.name)])
  } }

  # Where rows of a table go that do not meet what blocks: the same columns for all tables.
  quarantines = { for name, table in local.table_files : "silver.${name}_quarantine" => {
    dataset       = "silver.${name}_quarantine"
    layer         = "silver"
    database      = "${var.database_prefix}silver"
    name          = "${name}_quarantine"
    path          = "${name}_quarantine"
    scope         = "internal"
    description   = "Rows of silver.${name} that do not meet what is expected of them."
    tenant_column = null
    table_type    = "COPY_ON_WRITE"
    inputs        = ["bronze.${table.source.table}"]
    columns = concat(local.hoodie_columns, [
      { name = "key", type = "string", comment = "Key of the row, as JSON.", pii = true },
      { name = "tenant_id", type = "string", comment = "Tenant.", pii = false },
      { name = "failed_expectations", type = "array<string>", comment = "Names of the expectations that the row does not meet.", pii = true },
      { name = "input", type = "string", comment = "The row, as JSON.", pii = true },
      { name = "change_seq", type = "string", comment = "Change that brought the row.", pii = false },
      { name = "changed_at", type = "timestamp", comment = "When that was committed.", pii = false },
    ])
    partition_keys = []
    pii_columns    = sort(["failed_expectations", "input", "key"])
    written_by     = "silver.${name}"
  } if length([for expectation in try(table.expectations, []) : expectation if expectation.severity == "block"]) > 0 }

  # A row says by being there that an expectation is not met: all of it is as personal as the most personal of them.
  flag_personal = { for name, table in local.table_files : name => setunion(
    [for column in concat(table.key, table.scope == "tenant" ? ["tenant_id"] : [], ["expectation"]) : column
    if contains(local.pii_columns[name], column) || anytrue([for expectation in local.across_rows[name] : contains(local.pii_expectations[name], expectation.name)])],
    try(local.personal_data["silver.${name}_flags"], []),
  ) }

  # Rows that do not meet what other rows decide, by key and expectation.
  flag_tables = { for name, table in local.table_files : "silver.${name}_flags" => {
    dataset       = "silver.${name}_flags"
    layer         = "silver"
    database      = "${var.database_prefix}silver"
    name          = "${name}_flags"
    path          = "${name}_flags"
    scope         = table.scope
    description   = "Rows of silver.${name} that do not meet what is expected of them beside other rows."
    tenant_column = table.scope == "tenant" ? "tenant_id" : null
    table_type    = "MERGE_ON_READ"
    inputs        = distinct(concat(["silver.${name}"], [for expectation in local.across_rows[name] : expectation.references if expectation.kind == "relationship"]))
    columns = concat(local.hoodie_columns, [for column in local.silver_columns[name] : merge(column, { pii = contains(local.flag_personal[name], column.name) })
      if contains(table.key, column.name) && !(table.scope == "tenant" && column.name == "tenant_id")], [
      { name = "expectation", type = "string", comment = "Name of the expectation that the row does not meet.", pii = contains(local.flag_personal[name], "expectation") },
    ])
    partition_keys = table.scope == "tenant" ? [one([for column in local.silver_columns[name] : column if column.name == "tenant_id"])] : []
    pii_columns    = sort(local.flag_personal[name])
    written_by     = null
  } if length(local.across_rows[name]) > 0 }

  # Versions of a table's rows. Personal data there is personal data here; began and transitions tell of their columns.
  history_personal = { for name, table in local.table_files : name => setunion(
    toset([for column in table.columns : column.name if try(column.pii, false)]),
    try(local.personal_data["silver.${name}"], []),
    try(local.personal_data["silver.${name}_history"], []),
    contains(local.pii_0[name], try(table.history.began, "")) ? ["valid_from"] : [],
    contains(local.pii_0[name], try(table.history.transitions.column, "")) ? ["transition_allowed"] : [],
    contains(local.pii_0[name], try(table.tenant_column, "")) ? ["tenant_id"] : [],
  ) if can(table.history) }

  history_columns = { for name, table in local.table_files : name => concat(
    [for key in table.key : one([for column in table.columns : { name = key, type = local.hive_types[column.type], comment = column.description } if column.name == key])],
    table.scope == "tenant" && !contains(table.key, "tenant_id") ? [{ name = "tenant_id", type = "string", comment = "Tenant." }] : [],
    [for tracked in table.history.columns : one([for column in table.columns : { name = tracked, type = local.hive_types[column.type], comment = column.description } if column.name == tracked])],
    [
      { name = "valid_from", type = "timestamp", comment = "When this version came into force, by commit time at the source." },
      { name = "valid_to", type = "timestamp", comment = "When it ended, which it no longer includes; NULL while it is." },
      { name = "version", type = "string", comment = "Change sequence that it began with; sorts as text." },
      { name = "began", type = "string", comment = "How it began." },
      { name = "ended", type = "string", comment = "How it ended; NULL while it is." },
    ],
    can(table.history.transitions) ? [{ name = "transition_allowed", type = "boolean", comment = "Whether ${table.history.transitions.column} may become what it is from what it was; NULL where nothing tells." }] : [],
    [{ name = "_change_seq", type = "string", comment = "Change sequence." }, { name = "_commit_ts", type = "timestamp", comment = "Commit time at the source." }],
  ) if can(table.history) }

  histories = { for name, columns in local.history_columns : "silver.${name}_history" => {
    dataset        = "silver.${name}_history"
    layer          = "silver"
    database       = "${var.database_prefix}silver"
    name           = "${name}_history"
    path           = "${name}_history"
    scope          = local.table_files[name].scope
    description    = "Former and present versions of rows of silver.${name}, by commit time. ${local.table_files[name].description}"
    tenant_column  = local.table_files[name].scope == "tenant" ? "tenant_id" : null
    table_type     = "COPY_ON_WRITE"
    inputs         = ["bronze.${local.table_files[name].source.table}"]
    columns        = concat(local.hoodie_columns, [for column in columns : merge(column, { pii = contains(local.history_personal[name], column.name) }) if column.name != "tenant_id"])
    partition_keys = [for column in columns : column if column.name == "tenant_id"]
    pii_columns    = sort([for column in columns : column.name if contains(local.history_personal[name], column.name)])
  } }

  # What queries compute: derived tables of Silver, and metrics.
  computed_files = merge(
    { for name, file in local.derived_files : "silver.${name}" => merge(file, { layer = "silver" }) },
    { for name, file in local.metric_files : "gold.${name}" => merge(file, { layer = "gold" }) },
  )

  computed = { for dataset, metric in local.computed_files : dataset => {
    dataset       = dataset
    layer         = metric.layer
    database      = "${var.database_prefix}${metric.layer}"
    name          = metric.name
    path          = metric.name
    scope         = metric.scope
    description   = metric.description
    tenant_column = metric.scope == "tenant" ? metric.tenant_column : null
    table_type    = "MERGE_ON_READ"
    inputs        = metric.inputs
    columns = concat(local.hoodie_columns, [for column in metric.columns : {
      name = column.name, type = local.hive_types[column.type], comment = column.description
      pii  = try(column.pii, false) || contains(try(local.personal_data[dataset], []), column.name)
    } if !contains(try(metric.partition_by, []), column.name)])
    partition_keys = [for partition in try(metric.partition_by, []) : one([for column in metric.columns : {
      name = column.name, type = local.hive_types[column.type], comment = column.description
    } if column.name == partition])]
    pii_columns = sort([for column in metric.columns : column.name if try(column.pii, false) || contains(try(local.personal_data[dataset], []), column.name)])
  } }

  described = merge(local.silver, local.histories, local.quarantines, local.flag_tables, local.computed)

  # What Hudi's record key holds, as text: a reader of it reads these columns.
  record_keys = merge(
    { for name, table in local.table_files : "silver.${name}" => table.key },
    { for name, table in local.table_files : "silver.${name}_history" => table.key },
    { for name, table in local.table_files : "silver.${name}_quarantine" => ["key"] },
    { for name, table in local.table_files : "silver.${name}_flags" => concat(table.key, ["expectation"]) },
    { for dataset, file in local.computed_files : dataset => file.grain },
  )

  # Beside what is marked in a table's own file: what governance.yaml names of it, and Hudi's columns that repeat it.
  hidden = { for dataset, table in local.described : dataset => distinct(concat(table.pii_columns, try(local.personal_data[dataset], []))) }
  hidden_hoodie = { for dataset, table in local.described : dataset => concat(
    anytrue([for column in local.record_keys[dataset] : contains(local.hidden[dataset], column)]) ? ["_hoodie_record_key"] : [],
    anytrue([for partition in table.partition_keys : contains(local.hidden[dataset], try(partition.name, ""))]) ? ["_hoodie_partition_path"] : [],
  ) }
  tables = { for dataset, table in local.described : dataset => merge(table, {
    pii_columns = sort(concat(local.hidden[dataset], local.hidden_hoodie[dataset]))
    columns     = [for column in table.columns : merge(column, { pii = contains(concat(local.hidden[dataset], local.hidden_hoodie[dataset]), column.name) })]
  }) }

  personas = [for persona in local.governance.personas : {
    name        = persona.name
    description = persona.description
    schemas     = persona.schemas
    rows        = persona.rows
    pii         = try(persona.pii, false)
    internal    = try(persona.internal, false)
    administers = try(persona.administers, false)
  }]

  tier_filters = { for filter in try(local.governance.tier_filters, []) : filter.name => {
    name    = filter.name
    tier    = filter.tier
    tenants = filter.tenants
    # One word each, without functions: what Lake Formation's filter language has.
    values = join(", ", [for tenant in filter.tenants : "'${replace(tenant, "'", "''")}'"])
  } }

  workgroups = { for workgroup in try(local.governance.workgroups, []) : workgroup.name => {
    name        = workgroup.name
    description = workgroup.description
    personas    = workgroup.personas
  } }

  queries = { for name, query in local.query_files : name => {
    name        = name
    title       = query.title
    description = query.description
    workgroup   = query.workgroup
    inputs      = query.inputs
    database    = "${var.database_prefix}${split(".", query.inputs[0])[0]}"
    sql         = replace(local.query_sql[name], "/\\b(bronze|silver|gold)\\./", "${var.database_prefix}$${1}.")
  } }
}
