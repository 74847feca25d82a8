---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: customer_ltv
scope: tenant
description: "What each customer has ordered so far. Orders alone: subscriptions are in mrr_metrics."
grain: [tenant_id, customer_id]
inputs: [silver.order]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, customer_id]
  inputs:
    silver.order: {columns: {tenant_id: tenant_id, customer_id: customer_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: customer_id, type: bigint, nullable: false, description: Customer; listed once an order names it.}
  - {name: order_count, type: bigint, nullable: false, description: Completed orders.}
  - {name: lifetime_value, type: "decimal(18,2)", nullable: false, description: Sum of the totals of completed orders.}
  - {name: avg_order_value, type: "decimal(18,2)", nullable: true, description: "Mean total of completed orders, rounded half up; NULL without any."}
  - {name: first_order_on, type: date, nullable: true, description: UTC date of the first completed order; NULL without any.}
  - {name: last_order_on, type: date, nullable: true, description: UTC date of the last completed order; NULL without any.}
  - {name: refunded_orders, type: bigint, nullable: false, description: Refunded orders.}
  - {name: refunded_amount, type: "decimal(18,2)", nullable: false, description: Sum of the totals of refunded orders; not in lifetime_value.}
  - {name: cancelled_orders, type: bigint, nullable: false, description: Cancelled orders.}
expectations:
  - {name: lifetime_value_not_negative, kind: range, columns: [lifetime_value], min: "0", severity: flag, description: A customer has brought no less than nothing.}
---
WITH bought AS (
  SELECT
    tenant_id,
    customer_id,
    count_if(status = 'completed') AS order_count,
    sum(CASE WHEN status = 'completed' THEN total ELSE 0 END) AS lifetime_value,
    min(CASE WHEN status = 'completed' THEN to_date(order_date) END) AS first_order_on,
    max(CASE WHEN status = 'completed' THEN to_date(order_date) END) AS last_order_on,
    count_if(status = 'refunded') AS refunded_orders,
    sum(CASE WHEN status = 'refunded' THEN total ELSE 0 END) AS refunded_amount,
    count_if(status = 'cancelled') AS cancelled_orders
  FROM silver.order
  GROUP BY tenant_id, customer_id
)
SELECT
  tenant_id,
  customer_id,
  order_count,
  CAST(lifetime_value AS decimal(18, 2)) AS lifetime_value,
  CAST(round(lifetime_value / nullif(order_count, 0), 2) AS decimal(18, 2)) AS avg_order_value,
  first_order_on,
  last_order_on,
  refunded_orders,
  CAST(refunded_amount AS decimal(18, 2)) AS refunded_amount,
  cancelled_orders
FROM bought
