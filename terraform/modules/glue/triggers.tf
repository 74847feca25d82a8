# Beside transform-service, which knows what is stale and why: a workflow that runs everything once, for the day on which
# transform-service cannot. Each job takes the last request that transform-service left under requests/.

resource "aws_glue_workflow" "safety_net" {
  name                = "${var.name}-safety-net"
  description         = "All of Silver, then all of Gold, without transform-service."
  max_concurrent_runs = 1
}

resource "aws_glue_trigger" "silver" {
  name          = "${var.name}-safety-net-silver"
  description   = "Starts every Silver job."
  workflow_name = aws_glue_workflow.safety_net.name
  type          = var.safety_net_schedule == null ? "ON_DEMAND" : "SCHEDULED"
  schedule      = var.safety_net_schedule

  dynamic "actions" {
    for_each = local.bronze_to_silver

    content {
      job_name = aws_glue_job.bronze_to_silver[actions.key].name
    }
  }
}

resource "aws_glue_trigger" "gold" {
  for_each = local.silver_to_gold

  name          = "${var.name}-safety-net-gold-${each.value.name}"
  description   = "Starts ${each.key} when its inputs are done."
  workflow_name = aws_glue_workflow.safety_net.name
  type          = "CONDITIONAL"

  actions {
    job_name = aws_glue_job.silver_to_gold[each.key].name
  }

  predicate {
    logical = "AND"

    dynamic "conditions" {
      for_each = [for input in each.value.inputs : input]

      content {
        job_name = local.job_names[conditions.value]
        state    = "SUCCEEDED"
      }
    }
  }
}
