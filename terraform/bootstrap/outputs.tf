output "bucket" {
  description = "For terraform init -backend-config=bucket=..."
  value       = local.bucket
}
