output "estate" {
  description = "Everything that the configuration tells; see ../../outputs.tf."
  value       = module.lakehouse
}
