output "jdbc_url" {
  description = "JDBC URL of the control database, with a verified server certificate."
  value       = "jdbc:postgresql://${aws_db_instance.this.address}:${local.port}/${local.database}?sslmode=verify-full&sslrootcert=/opt/lakegate/rds-ca.pem"
}

output "address" {
  description = "Host name."
  value       = aws_db_instance.this.address
}

output "database" {
  description = "Name of the database."
  value       = local.database
}

output "identifier" {
  description = "Identifier of the instance."
  value       = "${var.name}-control"
  depends_on  = [aws_db_instance.this]
}

output "master_secret_arn" {
  description = "Secret with the master password, made by RDS."
  value       = try(aws_db_instance.this.master_user_secret[0].secret_arn, null)
}

output "service_secret_arns" {
  description = "Secret of each service's role."
  value       = { for service, secret in aws_secretsmanager_secret.service : service => secret.arn }
}
