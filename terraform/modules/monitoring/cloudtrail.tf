# Who called what, and who read or wrote which object of the lake. Rows are audited by the gateway (governance-service's
# audit); this is the layer below, which also sees those who come around the gateway.
resource "aws_cloudtrail" "this" {
  count = var.trail_enabled ? 1 : 0

  name                          = var.name
  s3_bucket_name                = var.logs_bucket
  s3_key_prefix                 = "cloudtrail"
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  enable_logging                = true

  advanced_event_selector {
    name = "Management events"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  advanced_event_selector {
    name = "Objects of the lake"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = [for arn in var.audited_bucket_arns : "${arn}/"]
    }
  }
}
