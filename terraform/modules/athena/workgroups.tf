locals {
  all = merge(
    { for name, workgroup in var.workgroups : name => workgroup.description },
    { for tier in var.tiers : "${var.name}-tier-${tier}" => "Account team of tier ${tier}." },
  )
}

# Enforced: a client can choose neither another place for results nor a higher limit. Each workgroup has a prefix of its own,
# because whoever reads a result's object reads governed rows without asking Lake Formation.
resource "aws_athena_workgroup" "this" {
  for_each = local.all

  name          = each.key
  description   = each.value
  force_destroy = var.force_destroy

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = lookup(var.bytes_scanned_limit, each.key, var.bytes_scanned_limit["default"])

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location       = "s3://${var.results_bucket}/workgroups/${each.key}/"
      expected_bucket_owner = var.account_id

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }
}
