# The bucket is made by bootstrap/ and named at init:
#   terraform init -backend-config=bucket=lakehouse-poc-state-ACCOUNT -backend-config=region=REGION
terraform {
  backend "s3" {
    key          = "lakehouse/dev/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
