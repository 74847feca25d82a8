---
# yaml-language-server: $schema=../schema/query-header.schema.json
version: 1
name: customer_acquisition
title: Customer acquisition trends
description: New customers per tenant and month, and all customers so far.
workgroup: analytics-team
inputs: [gold.dim_customer]
---
WITH monthly AS (
  SELECT
    tenant_id,
    date_trunc('month', created_at) AS month,
    count(*) AS new_customers
  FROM gold.dim_customer
  GROUP BY tenant_id, date_trunc('month', created_at)
)
SELECT
  tenant_id,
  month,
  new_customers,
  sum(new_customers) OVER (PARTITION BY tenant_id ORDER BY month) AS customers
FROM monthly
ORDER BY tenant_id, month
