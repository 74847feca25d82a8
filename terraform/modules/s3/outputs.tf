# Names and ARNs are known before anything exists, so that policies can be read and checked in a plan; depends_on keeps the
# order all the same.

output "bucket_names" {
  description = "Bucket names by purpose: bronze, silver, gold, scripts, athena-results, logs."
  value       = local.names
  depends_on  = [aws_s3_bucket.this, aws_s3_bucket_policy.this, aws_s3_bucket_ownership_controls.this]
}

output "bucket_arns" {
  description = "Bucket ARNs by purpose."
  value       = local.arns
  depends_on  = [aws_s3_bucket.this, aws_s3_bucket_policy.this, aws_s3_bucket_ownership_controls.this]
}
