---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: revenue_metrics
scope: tenant
description: Revenue of completed orders per tenant and UTC day of the order.
grain: [tenant_id, dt]
inputs: [silver.order]
time_columns: [dt]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, dt]
  inputs:
    silver.order: {columns: {tenant_id: tenant_id, dt: to_date(order_date)}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: dt, type: date, nullable: false, description: UTC date of order_date.}
  - {name: order_count, type: bigint, nullable: false, description: Completed orders.}
  - {name: unique_customers, type: bigint, nullable: false, description: Distinct customers among them.}
  - {name: total_revenue, type: "decimal(18,2)", nullable: false, description: Sum of their totals.}
  - {name: avg_order_value, type: "decimal(18,2)", nullable: false, description: "Mean total, rounded half up."}
---
SELECT
  tenant_id,
  to_date(order_date) AS dt,
  count(*) AS order_count,
  count(DISTINCT customer_id) AS unique_customers,
  CAST(sum(total) AS decimal(18, 2)) AS total_revenue,
  CAST(round(sum(total) / count(*), 2) AS decimal(18, 2)) AS avg_order_value
FROM silver.order
WHERE status = 'completed'
GROUP BY tenant_id, to_date(order_date)
