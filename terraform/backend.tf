# State lives in S3 with a lock file beside it. The block stands in each environment, because Terraform takes a backend from
# the directory that is applied, and this one is only ever called as a module:
#
#   terraform {
#     backend "s3" {
#       key          = "lakehouse/dev/terraform.tfstate"
#       encrypt      = true
#       use_lockfile = true
#     }
#   }
#
# bootstrap/ makes the bucket, whose name is given at init.
