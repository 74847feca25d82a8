---
# yaml-language-server: $schema=../schema/query-header.schema.json
version: 1
name: revenue_by_tenant
title: Revenue by tenant over time
description: Completed orders and revenue per tenant and month, with the change from the month before.
workgroup: analytics-team
inputs: [gold.revenue_metrics]
---
WITH monthly AS (
  SELECT
    tenant_id,
    date_trunc('month', dt) AS month,
    sum(order_count) AS orders,
    sum(total_revenue) AS revenue
  FROM gold.revenue_metrics
  GROUP BY tenant_id, date_trunc('month', dt)
)
SELECT
  tenant_id,
  month,
  orders,
  revenue,
  revenue - lag(revenue) OVER (PARTITION BY tenant_id ORDER BY month) AS change
FROM monthly
ORDER BY tenant_id, month
