# What the root itself refuses, and that the whole hangs together.

mock_provider "aws" {}

variables {
  environment                   = "dev"
  protect                       = false
  account_id                    = "123456789012"
  availability_zones            = ["us-east-1a", "us-east-1b"]
  certificate_arn               = "arn:aws:acm:us-east-1:123456789012:certificate/c"
  client_cidrs                  = ["203.0.113.0/24"]
  identity                      = { issuer = "https://id.example.com", jwks_url = "https://id.example.com/jwks", token_url = "https://id.example.com/token" }
  alert_emails                  = ["data@example.com"]
  lake_formation_administrators = ["arn:aws:iam::123456789012:role/deployer"]
  image_tag                     = "0.1.0"
  jobs_version                  = "0.1.0"
  source_connection             = "private_network"
  source_cidrs                  = ["10.20.0.0/16"]
  source_secret_arn             = "arn:aws:secretsmanager:us-east-1:123456789012:secret:django-Ab12Cd"
  monthly_budget                = 200
}

run "own_engine" {
  command = plan

  variables {
    capture_engine = "lakegate"
    source_db_host = "db.django.internal"
  }

  assert {
    condition     = output.dms_task_arn == null && keys(output.queue_urls) == ["glue-runs"]
    error_message = "Without DMS there is no task and nothing lands."
  }
  assert {
    condition     = keys(output.persona_role_arns) == ["DataAnalyst", "DataEngineer", "LakeFormationAdmin"]
    error_message = "Personas come from governance.yaml."
  }
}

run "one_more_table_and_metric" {
  command = plan

  variables {
    lakehouse_directory = "tests/fixtures/one-more"
  }

  assert {
    condition     = output.job_names == { "silver.coupon" = "lakehouse-poc-bronze_to_silver_coupon", "silver.coupon_flags" = "lakehouse-poc-silver_to_gold_coupon_flags", "silver.voucher" = "lakehouse-poc-bronze_to_silver_voucher", "silver.voucher_flags" = "lakehouse-poc-silver_to_gold_voucher_flags", "gold.coupon_usage" = "lakehouse-poc-silver_to_gold_coupon_usage" }
    error_message = "Jobs follow from files, without a line of Terraform."
  }
}

run "refuses" {
  command = plan

  variables {
    project_name      = "Lakehouse POC"
    environment       = "staging"
    account_id        = "my account"
    aws_region        = "virginia"
    partition         = "aws-cn"
    source_connection = "public"
    source_db_host    = "198.51.100.7"
    source_db_name    = "a database"
    source_secret_arn = "hunter2"
    identity          = { issuer = "http://id.example.com", jwks_url = "https://id.example.com/jwks", token_url = "https://id.example.com/token" }
    service_sizes     = { reporting-service = { cpu = 256, memory = 512 } }
  }

  expect_failures = [
    var.project_name, var.environment, var.account_id, var.aws_region, var.partition, var.source_connection, var.source_db_host, var.source_db_name, var.source_secret_arn, var.identity,
    var.service_sizes,
  ]
}

run "refuses_what_does_not_go_together" {
  command = plan

  variables {
    # No address to read from, and no way to it.
    capture_engine    = "lakegate"
    source_connection = "same_vpc"
    source_cidrs      = []
  }

  expect_failures = [var.source_db_host, var.source_security_group_id]
}

run "refuses_also" {
  command = plan

  variables {
    # What holds data in prod is protected.
    environment = "prod"
    protect     = false
    # An engine that there is not.
    capture_engine = "debezium"
    # A private network without its ranges.
    source_cidrs = []
  }

  expect_failures = [var.protect, var.capture_engine, var.source_cidrs]
}
