# Silver and Gold exist in the catalog before their first row, so that grants have something to stand on. From then on each
# run syncs them itself: Terraform leaves columns and partitions alone.

locals {
  # A merge-on-read table has two faces. Gold is compacted in each run, so the read-optimised face is whole, and is what
  # people read under the table's own name; the merging one is for engineers.
  faces = merge(
    { for dataset, table in var.tables : dataset => merge(table, { catalog_name = table.name, realtime = false }) },
    { for dataset, table in var.tables : "${dataset}_rt" => merge(table, { catalog_name = "${table.name}_rt", realtime = true }) if table.table_type == "MERGE_ON_READ" },
  )
}

resource "aws_glue_catalog_table" "this" {
  for_each = local.faces

  catalog_id    = var.account_id
  database_name = aws_glue_catalog_database.layer[each.value.layer].name
  name          = each.value.catalog_name
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                        = "TRUE"
    "hudi.metadata-listing-enabled" = "TRUE"
    "spark.sql.sources.provider"    = "hudi"
    "spark.sql.partitionProvider"   = "catalog"
    "spark.sql.create.version"      = "3.3.4"
  }

  storage_descriptor {
    location      = "s3://${var.bucket_names[each.value.layer]}/${each.value.path}"
    input_format  = each.value.realtime ? "org.apache.hudi.hadoop.realtime.HoodieParquetRealtimeInputFormat" : "org.apache.hudi.hadoop.HoodieParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters = {
        "serialization.format"     = "1"
        "hoodie.query.as.ro.table" = each.value.realtime ? "false" : "true"
        path                       = "s3://${var.bucket_names[each.value.layer]}/${each.value.path}"
      }
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }

  dynamic "partition_keys" {
    for_each = each.value.partition_keys

    content {
      name    = partition_keys.value.name
      type    = partition_keys.value.type
      comment = partition_keys.value.comment
    }
  }

  lifecycle {
    ignore_changes = [parameters, storage_descriptor, partition_keys, owner, retention]
  }
}
