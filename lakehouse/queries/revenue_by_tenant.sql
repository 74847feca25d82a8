---
# yaml-language-server: $schema=../schema/query-header.schema.json
version: 1
name: revenue_by_tenant
title: Revenue by tenant over time
description: Completed orders and revenue per tenant and month, with the change from the month before.
workgroup: analytics-team
inputs: [gold.revenue_monthly]
---
SELECT
  tenant_id,
  dt_month AS month,
  order_count AS orders,
  total_revenue AS revenue,
  total_revenue - lag(total_revenue) OVER (PARTITION BY tenant_id ORDER BY dt_month) AS change
FROM gold.revenue_monthly
ORDER BY tenant_id, month
