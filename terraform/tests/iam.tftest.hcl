mock_provider "aws" {}

variables {
  name           = "lake"
  account_id     = "123456789012"
  region         = "us-east-1"
  capture_engine = "dms"
  bucket_arns = {
    bronze         = "arn:aws:s3:::b"
    silver         = "arn:aws:s3:::s"
    gold           = "arn:aws:s3:::g"
    scripts        = "arn:aws:s3:::c"
    athena-results = "arn:aws:s3:::r"
    logs           = "arn:aws:s3:::l"
  }
  queue_arns      = { glue-runs = "arn:aws:sqs:us-east-1:123456789012:lake-glue-runs", landing = "arn:aws:sqs:us-east-1:123456789012:lake-landing" }
  topic_arns      = { pipeline = "arn:aws:sns:us-east-1:123456789012:lake-pipeline", jobs = "arn:aws:sns:us-east-1:123456789012:lake-jobs", cost = "arn:aws:sns:us-east-1:123456789012:lake-cost" }
  alert_key_alias = "alias/lake-alerts"
  databases       = { bronze = "lakehouse_bronze", silver = "lakehouse_silver", gold = "lakehouse_gold" }
  personas = [
    { name = "DataEngineer", description = "Builds.", schemas = ["bronze", "silver", "gold"], rows = "all", pii = true, internal = false, administers = false },
    { name = "DataAnalyst", description = "Analyses.", schemas = ["gold"], rows = "all", pii = false, internal = false, administers = false },
    { name = "TenantSpecificAnalyst", description = "Own tenant.", schemas = ["gold"], rows = "tenants", pii = false, internal = false, administers = false },
  ]
  tiers             = ["enterprise"]
  workgroups        = { analytics-team = { name = "analytics-team", description = "BI.", personas = ["DataAnalyst", "TenantSpecificAnalyst"] } }
  source_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:django-Ab12Cd"
}

run "least_privilege" {
  command = plan

  module {
    source = "./modules/iam"
  }

  assert {
    condition     = keys(aws_iam_role.reader) == ["DataAnalyst", "DataEngineer", "tier-enterprise"]
    error_message = "Personas that read all rows have a role, tiers have one, tenants' personas have none: governance-service makes those."
  }
  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.reader : !strcontains(policy.policy, "arn:aws:s3:::b") && !strcontains(policy.policy, "arn:aws:s3:::s/") && !strcontains(policy.policy, "arn:aws:s3:::g/")])
    error_message = "Whom the gateway becomes cannot read the lake's objects: rows come through Lake Formation."
  }
  assert {
    condition = join(" ", flatten([for statement in jsondecode(aws_iam_role_policy.service["query-gateway"].policy).Statement : statement.Resource if statement.Sid == "BecomeThePrincipal"])) == join(" ", [
    "arn:aws:iam::123456789012:role/lake/personas/*", "arn:aws:iam::123456789012:role/lake/tiers/*", "arn:aws:iam::123456789012:role/lake/tenants/*"])
    error_message = "The gateway becomes personas, tiers and tenants, and nobody else."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.reader : jsondecode(role.assume_role_policy).Statement[0].Principal.AWS == "arn:aws:iam::123456789012:role/lake/services/lake-query-gateway" && jsondecode(role.assume_role_policy).Statement[0].Condition.Null["sts:SourceIdentity"] == "false"])
    error_message = "Only the gateway becomes a persona, and says for whom."
  }
  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_role_policy.service["governance-service"].policy).Statement :
    statement.Condition.StringEquals["iam:PermissionsBoundary"] == "arn:aws:iam::123456789012:policy/lake/tenants/lake-tenant-boundary" if contains(flatten([statement.Action]), "iam:CreateRole")])
    error_message = "Tenants' roles are made with the boundary only."
  }
  assert {
    condition     = strcontains(aws_iam_policy.tenant_boundary.policy, "arn:aws:s3:::r/tenants/$${aws:PrincipalTag/tenant}/*")
    error_message = "The boundary keeps a tenant within its own results."
  }
  assert {
    condition     = !strcontains(aws_iam_policy.tenant_boundary.policy, "lakehouse_silver")
    error_message = "Tenants never see Silver's catalog."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.dms_secret[0].policy).Statement[0].Resource == "arn:aws:secretsmanager:us-east-1:123456789012:secret:django-Ab12Cd"
    error_message = "DMS reads the one secret."
  }
}

run "own_engine" {
  command = plan

  module {
    source = "./modules/iam"
  }

  variables {
    capture_engine = "lakegate"
  }

  assert {
    condition     = length(aws_iam_role.dms) == 0 && length(aws_iam_role.dms_account) == 0 && !strcontains(aws_iam_role_policy.service["ingest-service"].policy, "dms:")
    error_message = "Without DMS nobody has rights on it."
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.execution["ingest-service"].policy, "django-Ab12Cd") && !strcontains(aws_iam_role_policy.execution["query-gateway"].policy, "django-Ab12Cd")
    error_message = "Only ingest-service gets the source's credentials."
  }
}

run "refuses" {
  command = plan

  module {
    source = "./modules/iam"
  }

  variables {
    # Unknown engine.
    capture_engine = "debezium"
    # Missing bucket.
    bucket_arns = { bronze = "arn:aws:s3:::b" }
    # Password instead of a secret.
    source_secret_arn = "hunter2"
  }

  expect_failures = [var.capture_engine, var.bucket_arns, var.source_secret_arn]
}
