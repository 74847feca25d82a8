locals {
  exposed = setunion(["query-gateway"], keys(var.host_names))
  images  = { for service in keys(var.services) : service => "${var.account_id}.dkr.ecr.${var.region}.amazonaws.com/${var.name}/${service}:${var.image_tag}" }
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = var.container_insights ? "enabled" : "disabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_ecr_repository" "service" {
  for_each = var.services

  name                 = "${var.name}/${each.key}"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "AES256"
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "service" {
  for_each = var.services

  repository = aws_ecr_repository.service[each.key].name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "The last twenty images are enough to go back."
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 20 }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = setunion(keys(var.services), ["control-roles"])

  name              = "/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
}

# JSON {"client_id", "client_secret"} of each service at the identity provider, put in by hand.
resource "aws_secretsmanager_secret" "identity" {
  for_each = var.services

  name                    = "${var.name}/identity/${each.key}"
  description             = "JSON {\"client_id\", \"client_secret\"} of ${each.key} at the identity provider."
  recovery_window_in_days = var.secret_recovery_days
}
