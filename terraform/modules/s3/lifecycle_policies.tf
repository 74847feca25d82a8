locals {
  # Bronze is written once and read once: it may cool down. Athena and Hudi cannot read objects in Glacier Flexible
  # Retrieval, so what the plan calls Glacier is Glacier Instant Retrieval. Silver and Gold are Hudi tables whose old files
  # are read as long as a slice refers to them: only classes that answer at once.
  transitions = {
    bronze = [{ days = 90, class = "STANDARD_IA" }, { days = 180, class = "GLACIER_IR" }]
    silver = [{ days = 180, class = "STANDARD_IA" }]
    gold   = [{ days = 365, class = "STANDARD_IA" }]
  }

  expirations = {
    athena-results = var.results_days
    logs           = var.log_days
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.names

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "clean-up"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }
  }

  dynamic "rule" {
    for_each = contains(keys(local.transitions), each.key) ? [local.transitions[each.key]] : []

    content {
      id     = "cool-down"
      status = "Enabled"

      # Small objects would cost more in a colder class: each is billed as 128 KB.
      filter {
        object_size_greater_than = 131072
      }

      dynamic "transition" {
        for_each = rule.value

        content {
          days          = transition.value.days
          storage_class = transition.value.class
        }
      }
    }
  }

  dynamic "rule" {
    for_each = contains(keys(local.expirations), each.key) ? [local.expirations[each.key]] : []

    content {
      id     = "expire"
      status = "Enabled"

      filter {}

      expiration {
        days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = each.key == "scripts" ? ["temporary/", "requests/"] : []

    content {
      id     = "expire-${trimsuffix(rule.value, "/")}"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      expiration {
        days = 14
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
