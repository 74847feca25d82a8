---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: revenue_monthly
scope: tenant
description: Orders and revenue per tenant and UTC month of the order.
grain: [tenant_id, dt_month]
inputs: [silver.order]
time_columns: [dt_month]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, dt_month]
  inputs:
    silver.order: {columns: {tenant_id: tenant_id, dt_month: "trunc(to_date(order_date), 'MM')"}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: dt_month, type: date, nullable: false, description: First day of the UTC month of order_date.}
  - {name: placed_orders, type: bigint, nullable: false, description: Orders of every status.}
  - {name: order_count, type: bigint, nullable: false, description: Completed orders.}
  - {name: unique_customers, type: bigint, nullable: false, description: Distinct customers of completed orders.}
  - {name: total_revenue, type: "decimal(18,2)", nullable: false, description: Sum of the totals of completed orders.}
  - {name: avg_order_value, type: "decimal(18,2)", nullable: true, description: "Mean total of completed orders, rounded half up; NULL without any."}
  - {name: tax, type: "decimal(18,2)", nullable: false, description: Tax in total_revenue.}
  - {name: shipping, type: "decimal(18,2)", nullable: false, description: Shipping in total_revenue.}
  - {name: refunded_orders, type: bigint, nullable: false, description: Refunded orders.}
  - {name: refunded_amount, type: "decimal(18,2)", nullable: false, description: Sum of the totals of refunded orders; not in total_revenue.}
  - {name: cancelled_orders, type: bigint, nullable: false, description: Cancelled orders.}
expectations:
  - {name: revenue_not_negative, kind: range, columns: [total_revenue], min: "0", severity: flag, description: Completed orders bring no less than nothing.}
  - {name: orders_add_up, kind: sql, expression: order_count <= placed_orders, severity: block, description: No more orders are completed than were placed.}
---
WITH monthly AS (
  SELECT
    tenant_id,
    trunc(to_date(order_date), 'MM') AS dt_month,
    count(*) AS placed_orders,
    count_if(status = 'completed') AS order_count,
    count(DISTINCT CASE WHEN status = 'completed' THEN customer_id END) AS unique_customers,
    sum(CASE WHEN status = 'completed' THEN total ELSE 0 END) AS total_revenue,
    sum(CASE WHEN status = 'completed' THEN tax ELSE 0 END) AS tax,
    sum(CASE WHEN status = 'completed' THEN shipping ELSE 0 END) AS shipping,
    count_if(status = 'refunded') AS refunded_orders,
    sum(CASE WHEN status = 'refunded' THEN total ELSE 0 END) AS refunded_amount,
    count_if(status = 'cancelled') AS cancelled_orders
  FROM silver.order
  GROUP BY tenant_id, trunc(to_date(order_date), 'MM')
)
SELECT
  tenant_id,
  dt_month,
  placed_orders,
  order_count,
  unique_customers,
  CAST(total_revenue AS decimal(18, 2)) AS total_revenue,
  CAST(round(total_revenue / nullif(order_count, 0), 2) AS decimal(18, 2)) AS avg_order_value,
  CAST(tax AS decimal(18, 2)) AS tax,
  CAST(shipping AS decimal(18, 2)) AS shipping,
  refunded_orders,
  CAST(refunded_amount AS decimal(18, 2)) AS refunded_amount,
  cancelled_orders
FROM monthly
