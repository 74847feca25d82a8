# One task role a service, with what it does and nothing else; one execution role a service, which pulls its image and reads
# its own secrets.

locals {
  metrics = {
    Sid       = "OwnMetrics"
    Effect    = "Allow"
    Action    = "cloudwatch:PutMetricData"
    Resource  = "*"
    Condition = { StringEquals = { "cloudwatch:namespace" = var.metrics_namespace } }
  }

  alert = { for topic, arn in var.topic_arns : topic => [
    { Sid = "Alert", Effect = "Allow", Action = "sns:Publish", Resource = arn },
    {
      Sid      = "AlertKey"
      Effect   = "Allow"
      Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
      Resource = "arn:${var.partition}:kms:${var.region}:${var.account_id}:key/*"
      Condition = {
        StringEquals               = { "kms:ViaService" = "sns.${var.region}.amazonaws.com" }
        "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = var.alert_key_alias }
      }
    },
  ] }

  list_bucket = { for purpose, arn in var.bucket_arns : purpose => { Effect = "Allow", Action = ["s3:ListBucket", "s3:GetBucketLocation"], Resource = arn } }

  receive = { for purpose, arn in var.queue_arns : purpose => {
    Effect   = "Allow"
    Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
    Resource = arn
  } }

  ingest = concat(
    [
      local.list_bucket["bronze"],
      # Files that no manifest names are deleted again.
      { Sid = "Bronze", Effect = "Allow", Action = concat(local.read_objects, local.write_objects), Resource = "${var.bucket_arns["bronze"]}/*" },
      local.metrics,
      { Sid = "ReadMetrics", Effect = "Allow", Action = "cloudwatch:GetMetricData", Resource = "*" },
    ],
    local.alert["pipeline"],
    [for statement in [
      {
        # DMS describes by filter and knows no resources for these.
        Sid    = "LookAtDms"
        Effect = "Allow"
        Action = ["dms:DescribeReplicationTasks", "dms:DescribeReplicationInstances", "dms:DescribeReplications", "dms:DescribeReplicationConfigs", "dms:DescribeEndpoints", "dms:DescribeConnections",
        "dms:DescribeTableStatistics", "dms:DescribeReplicationTableStatistics"]
        Resource = "*"
      },
      {
        Sid       = "RunDms"
        Effect    = "Allow"
        Action    = ["dms:StartReplicationTask", "dms:StopReplicationTask", "dms:ReloadTables", "dms:StartReplication", "dms:StopReplication", "dms:ReloadReplicationTables", "dms:TestConnection", "dms:ListTagsForResource"]
        Resource  = ["${local.dms}:task:*", "${local.dms}:rep:*", "${local.dms}:replication-config:*", "${local.dms}:endpoint:*"]
        Condition = { StringEquals = { "aws:ResourceTag/Project" = var.name } }
      },
    ] : statement if var.capture_engine == "dms"],
    [for queue, statement in local.receive : statement if queue == "landing"],
  )

  transform = concat(
    [
      local.list_bucket["bronze"], local.list_bucket["silver"], local.list_bucket["gold"], local.list_bucket["scripts"],
      { Sid = "ReadBronze", Effect = "Allow", Action = local.read_objects, Resource = "${var.bucket_arns["bronze"]}/*" },
      { Sid = "Tables", Effect = "Allow", Action = concat(local.read_objects, local.write_objects), Resource = ["${var.bucket_arns["silver"]}/*", "${var.bucket_arns["gold"]}/*"] },
      { Sid = "Requests", Effect = "Allow", Action = concat(local.read_objects, local.write_objects), Resource = "${var.bucket_arns["scripts"]}/requests/*" },
      { Sid = "Runs", Effect = "Allow", Action = ["glue:GetJob", "glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"], Resource = "${local.glue}:job/${var.name}-*" },
      { Sid = "Crawlers", Effect = "Allow", Action = ["glue:StartCrawler", "glue:GetCrawler"], Resource = "${local.glue}:crawler/${var.name}-*" },
      { Sid = "ReadCatalog", Effect = "Allow", Action = local.read_catalog, Resource = local.catalog_of["bronze"] },
      { Sid = "SyncCatalog", Effect = "Allow", Action = concat(local.read_catalog, local.write_catalog), Resource = distinct(concat(local.catalog_of["silver"], local.catalog_of["gold"])) },
      { Sid = "LakeFormation", Effect = "Allow", Action = "lakeformation:GetDataAccess", Resource = "*" },
      local.receive["glue-runs"],
      local.metrics,
    ],
    local.alert["jobs"],
  )

  gateway = [
    {
      # All it may do by itself is to become one of these; each carries its own, smaller rights.
      Sid      = "BecomeThePrincipal"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
      Resource = [for folder in ["personas", "tiers", "tenants"] : "${local.roles}${local.paths[folder]}*"]
    },
    local.metrics,
  ]

  governance = concat(
    [
      {
        # Lake Formation's own permissions decide what these reach; IAM knows no resources for them.
        Sid    = "Grants"
        Effect = "Allow"
        Action = ["lakeformation:BatchGrantPermissions", "lakeformation:BatchRevokePermissions", "lakeformation:ListPermissions", "lakeformation:CreateDataCellsFilter", "lakeformation:UpdateDataCellsFilter",
        "lakeformation:DeleteDataCellsFilter", "lakeformation:ListDataCellsFilter", "lakeformation:GetDataLakeSettings", "lakeformation:ListResources"]
        Resource = "*"
      },
      { Sid = "ReadCatalog", Effect = "Allow", Action = ["glue:GetDatabase", "glue:GetDatabases", "glue:GetTable", "glue:GetTables"], Resource = distinct(flatten(values(local.catalog_of))) },
      {
        # New roles only with the boundary, and only in the tenants' folder.
        Sid       = "MakeTenantRoles"
        Effect    = "Allow"
        Action    = ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"]
        Resource  = "${local.roles}${local.paths.tenants}*"
        Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary_arn } }
      },
      {
        Sid      = "KeepTenantRoles"
        Effect   = "Allow"
        Action   = ["iam:GetRole", "iam:GetRolePolicy", "iam:TagRole", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"]
        Resource = "${local.roles}${local.paths.tenants}*"
      },
      {
        Sid      = "TenantWorkgroups"
        Effect   = "Allow"
        Action   = ["athena:CreateWorkGroup", "athena:GetWorkGroup", "athena:UpdateWorkGroup", "athena:DeleteWorkGroup", "athena:TagResource"]
        Resource = "${local.athena}/${var.name}-tenant-*"
      },
      local.metrics,
    ],
    local.alert["pipeline"],
  )

  # Statements have different shapes, so they are encoded one by one.
  service_policies = {
    ingest-service     = [for statement in local.ingest : jsonencode(statement)]
    transform-service  = [for statement in local.transform : jsonencode(statement)]
    query-gateway      = [for statement in local.gateway : jsonencode(statement)]
    governance-service = [for statement in local.governance : jsonencode(statement)]
  }
}

resource "aws_iam_role" "service" {
  for_each = var.services

  name        = "${var.name}-${each.key}"
  path        = local.paths.services
  description = "What ${each.key} does in AWS."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = merge(local.from_this_account, { ArnLike = { "aws:SourceArn" = "arn:${var.partition}:ecs:${var.region}:${var.account_id}:*" } })
    }]
  })
}

resource "aws_iam_role_policy" "service" {
  for_each = var.services

  name   = "work"
  role   = aws_iam_role.service[each.key].name
  policy = "{\"Version\":\"2012-10-17\",\"Statement\":[${join(",", local.service_policies[each.key])}]}"
}

resource "aws_iam_role" "execution" {
  for_each = setunion(var.services, ["control-roles"])

  name        = "${var.name}-${each.key}-start"
  path        = local.paths.services
  description = "Starts ${each.key}: image, log, secrets."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = merge(local.from_this_account, { ArnLike = { "aws:SourceArn" = "arn:${var.partition}:ecs:${var.region}:${var.account_id}:*" } })
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  for_each = setunion(var.services, ["control-roles"])

  name = "start"
  role = aws_iam_role.execution[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "RegistryLogin", Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      {
        Sid      = "Image"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
        Resource = "arn:${var.partition}:ecr:${var.region}:${var.account_id}:repository/${var.name}/*"
      },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${local.logs}:/${var.name}/${each.key}:*" },
      {
        Sid      = "OwnSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = local.secrets_of[each.key]
      },
    ]
  })
}

locals {
  secret_prefix = "arn:${var.partition}:secretsmanager:${var.region}:${var.account_id}:secret"
  stateful      = setsubtract(var.services, ["query-gateway"])

  # ARNs of secrets end with six characters that Secrets Manager chooses.
  secrets_of = merge(
    { for service in var.services : service => concat(
      ["${local.secret_prefix}:${var.name}/identity/${service}-??????"],
      contains(local.stateful, service) ? ["${local.secret_prefix}:${var.name}/control/${service}-??????"] : [],
      service == "ingest-service" && var.capture_engine == "lakegate" ? [var.source_secret_arn] : [],
    ) },
    # Creates the services' roles in the control database: reads RDS's master secret and those of the services.
    { control-roles = concat(["${local.secret_prefix}:rds!db-*"], [for service in local.stateful : "${local.secret_prefix}:${var.name}/control/${service}-??????"]) },
  )
}
