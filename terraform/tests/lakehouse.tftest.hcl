# The description as Terraform values: what ships, what a new file changes, what a wrong file says.

run "ships" {
  command = plan

  module {
    source = "./modules/lakehouse"
  }

  variables {
    directory = "../lakehouse"
  }

  assert {
    condition     = length([for dataset in keys(output.tables) : dataset if startswith(dataset, "silver.")]) == 8 + 4 + length(fileset("../lakehouse/derived", "*.sql"))
    error_message = "Eight tables reach Silver and four histories, beside the derived ones."
  }
  assert {
    condition     = output.tables["silver.event"].partition_keys[*].name == ["tenant_id", "load_date"]
    error_message = "Large Silver tables are partitioned by tenant, then month."
  }
  assert {
    condition     = !contains(output.tables["silver.event"].columns[*].name, "tenant_id")
    error_message = "A partition key must not be a column too: Glue refuses such a table."
  }
  assert {
    condition     = contains(output.tables["silver.tenant"].partition_keys[*].name, "tenant_id") && contains(output.tables["silver.tenant"].columns[*].name, "slug")
    error_message = "Silver calls the tenant's column tenant_id, and keeps slug."
  }
  assert {
    condition     = output.tables["silver.customer"].pii_columns == tolist(["address_city", "address_postal_code", "email", "email_normalized", "first_name", "last_name", "metadata", "phone", "phone_e164", "quality_flags"])
    error_message = "Personal columns of silver.customer."
  }
  assert {
    condition     = output.tables["silver.customer_history"].pii_columns == tolist(["email", "first_name", "last_name", "metadata", "phone"])
    error_message = "Former versions of personal data are personal data."
  }
  assert {
    condition     = output.tables["silver.tenant_history"].partition_keys[*].name == ["tenant_id"] && contains(output.tables["silver.tenant_history"].columns[*].name, "slug") && output.tables["silver.tenant_history"].inputs == ["bronze.core_tenant"]
    error_message = "A history is made from Bronze, by tenant, with the key of its table."
  }
  assert {
    condition     = [for dataset, table in output.tables : dataset if contains(table.columns[*].name, "transition_allowed")] == ["silver.order_history"]
    error_message = "Transitions are judged where they are declared."
  }
  assert {
    condition     = one([for column in output.tables["silver.customer"].columns : column.type if column.name == "quality_flags"]) == "array<string>"
    error_message = "A table with expectations that flag says what is wrong with a row."
  }
  assert {
    condition     = contains(output.tables["silver.order"].pii_columns, "notes")
    error_message = "governance.yaml's personal_data counts."
  }
  assert {
    condition     = contains(output.tables["silver.event"].pii_columns, "ip_address")
    error_message = "A derivation that replaces personal data is personal data."
  }
  assert {
    condition     = one([for column in output.tables["silver.order"].columns : column.type if column.name == "total"]) == "decimal(12,2)"
    error_message = "Decimals keep precision and scale."
  }
  assert {
    condition     = one([for column in output.tables["silver.order"].columns : column.type if column.name == "created_at"]) == "timestamp"
    error_message = "Timestamps with a zone are UTC timestamps in Hive."
  }
  assert {
    condition     = strcontains(output.queries["product_performance"].sql, "FROM lakehouse_gold.product_performance") && !can(regex("\\bgold\\.", output.queries["product_performance"].sql))
    error_message = "Saved queries name Athena's databases."
  }
  assert {
    condition     = output.tier_filters["tenant_filter_enterprise"].values == "'tenant-1', 'tenant-2'"
    error_message = "Tier filters list their tenants as SQL."
  }
  assert {
    condition = sort([for rule in jsondecode(output.dms_table_mappings).rules : rule.object-locator.table-name if rule.rule-type == "selection"]) == tolist([
    "core_customer", "core_event", "core_invoice", "core_order", "core_orderitem", "core_product", "core_subscription", "core_tenant"])
    error_message = "DMS takes the eight tables, by name and not by core_%."
  }
  assert {
    condition     = alltrue([for rule in jsondecode(output.dms_table_mappings).rules : rule.value != "tenant_id" if rule.rule-type == "transformation"])
    error_message = "No rule adds tenant_id."
  }
}

run "a_new_table_and_a_metric_are_two_files" {
  command = plan

  module {
    source = "./modules/lakehouse"
  }

  variables {
    directory = "tests/fixtures/one-more"
  }

  assert {
    condition     = output.tables["silver.coupon"].path == "coupon" && output.tables["gold.coupon_usage"].inputs == ["silver.coupon"]
    error_message = "A file under tables/ or metrics/ is a table."
  }
  assert {
    condition     = one([for column in output.tables["silver.coupon"].columns : column.type if column.name == "codes"]) == "array<array<decimal(5,2)>>"
    error_message = "Arrays nest."
  }
  assert {
    condition     = contains([for rule in jsondecode(output.dms_table_mappings).rules : rule.object-locator.table-name if rule.rule-type == "selection"], "core_coupon")
    error_message = "DMS captures the new table."
  }
  assert {
    condition     = tolist(output.internal_tables.silver) == tolist(["silver.coupon_quarantine"]) && output.tables["silver.coupon_quarantine"].scope == "internal" && output.tables["silver.coupon_quarantine"].pii_columns == tolist(["_hoodie_record_key", "change_seq", "failed_expectations", "input", "key"])
    error_message = "A table with expectations that block has a quarantine of scope internal; governance.yaml may hide more of it."
  }
  assert {
    condition     = output.tables["silver.coupon_flags"].columns[5].name == "id" && output.tables["silver.coupon_flags"].columns[6].name == "expectation" && output.tables["silver.coupon_flags"].partition_keys[0].name == "tenant_id" && output.tables["silver.coupon_flags"].pii_columns == tolist(["_hoodie_partition_path", "_hoodie_record_key", "expectation", "id", "tenant_id"])
    error_message = "What other rows decide is a table, as personal as what it judges."
  }
  assert {
    condition     = output.tables["silver.voucher"].pii_columns == tolist(["_hoodie_record_key", "id"]) && one([for column in output.tables["silver.voucher"].columns : column.pii if column.name == "_hoodie_record_key"])
    error_message = "Hudi's record key holds the key: it is as personal."
  }
  assert {
    condition     = output.tables["silver.voucher_flags"].pii_columns == tolist(["_hoodie_partition_path", "_hoodie_record_key", "expectation", "id", "tenant_id"])
    error_message = "What leads to a personal column is personal."
  }
  assert {
    condition     = !contains(output.tables["silver.coupon"].columns[*].name, "quality_flags")
    error_message = "What blocks does not flag."
  }
  assert {
    condition     = output.tables["silver.coupon"].pii_columns == tolist(["holder", "holder_domain", "holder_hash"])
    error_message = "Derived personal data is personal data, also in two steps, unless it says otherwise."
  }
}

run "no_description" {
  command = plan

  module {
    source = "./modules/lakehouse"
  }

  variables {
    directory = "tests/fixtures/nothing-here"
  }

  expect_failures = [var.directory]
}

run "prefix_that_athena_cannot_quote" {
  command = plan

  module {
    source = "./modules/lakehouse"
  }

  variables {
    directory       = "../lakehouse"
    database_prefix = "Lake-House"
  }

  expect_failures = [var.database_prefix]
}

run "file_called_otherwise" {
  command = plan

  module {
    source = "./modules/lakehouse"
  }

  variables {
    directory = "tests/fixtures/misnamed"
  }

  expect_failures = [output.tables]
}

run "wrong_references" {
  command = plan

  module {
    source = "./modules/lakehouse"
  }

  variables {
    directory = "tests/fixtures/wrong-references"
  }

  expect_failures = [output.workgroups, output.queries, output.tier_filters, output.dms_table_mappings, output.tables]
}
