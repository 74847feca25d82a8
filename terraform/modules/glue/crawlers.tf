# On demand: Silver and Gold are registered above and synced by each run, so that crawlers are for looking at Bronze, and for
# repairing the catalog.

locals {
  crawled = { for layer, database in var.databases : layer => database }
}

resource "aws_glue_crawler" "this" {
  for_each = local.crawled

  name          = "${var.name}-${each.key}-crawler"
  description   = "${each.key == "bronze" ? "Discovers what capture landed" : "Looks at the Hudi tables"}; on demand unless a schedule is set."
  database_name = aws_glue_catalog_database.layer[each.key].name
  role          = var.role_arns["crawlers"]
  schedule      = lookup(var.crawler_schedules, each.key, null)

  dynamic "s3_target" {
    for_each = each.key == "bronze" ? ["s3://${var.bucket_names["bronze"]}/${var.bronze_crawl_prefix}"] : []

    content {
      path       = s3_target.value
      exclusions = ["_manifests/**", "_staging/**", "_writer.lock", "_acknowledged.json", "_looks.json"]
    }
  }

  dynamic "hudi_target" {
    for_each = each.key == "bronze" ? [] : [[for table in values(var.tables) : "s3://${var.bucket_names[each.key]}/${table.path}" if table.layer == each.key]]

    content {
      paths                   = sort(hudi_target.value)
      maximum_traversal_depth = 3
    }
  }

  # Tables are never deleted by a crawler that found a folder empty.
  schema_change_policy {
    delete_behavior = "LOG"
    update_behavior = each.key == "bronze" ? "UPDATE_IN_DATABASE" : "LOG"
  }

  recrawl_policy {
    recrawl_behavior = "CRAWL_EVERYTHING"
  }

  lake_formation_configuration {
    account_id                     = var.account_id
    use_lake_formation_credentials = true
  }

  configuration = each.key == "bronze" ? jsonencode({
    Version       = 1.0
    CrawlerOutput = { Partitions = { AddOrUpdateBehavior = "InheritFromTable" } }
    Grouping      = { TableGroupingPolicy = "CombineCompatibleSchemas" }
  }) : null
}
