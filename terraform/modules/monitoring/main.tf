# ARNs follow from names, so that policies which name the topics are known in a plan.
locals {
  topics = {
    pipeline = "capture, freshness and health of services"
    jobs     = "failed Glue runs"
    cost     = "budget and cost anomalies"
  }
  topic_arns = { for topic, purpose in local.topics : topic => "arn:${var.partition}:sns:${var.region}:${var.account_id}:${var.name}-${topic}" }
}
