---
# yaml-language-server: $schema=../schema/query-header.schema.json
version: 1
name: subscription_mrr
title: Subscription MRR tracking
description: Monthly recurring revenue at the end of each month per tenant, with the change from the month before and what of it is new and churned.
workgroup: analytics-team
inputs: [gold.mrr_metrics]
---
WITH ranked AS (
  SELECT
    tenant_id,
    dt,
    mrr,
    arr,
    active_subscriptions,
    sum(new_mrr) OVER (PARTITION BY tenant_id, date_trunc('month', dt)) AS new_mrr,
    sum(churned_mrr) OVER (PARTITION BY tenant_id, date_trunc('month', dt)) AS churned_mrr,
    row_number() OVER (PARTITION BY tenant_id, date_trunc('month', dt) ORDER BY dt DESC) AS from_end
  FROM gold.mrr_metrics
)
SELECT
  tenant_id,
  dt,
  mrr,
  arr,
  active_subscriptions,
  mrr - lag(mrr) OVER (PARTITION BY tenant_id ORDER BY dt) AS change,
  new_mrr,
  churned_mrr
FROM ranked
WHERE from_end = 1
ORDER BY tenant_id, dt
