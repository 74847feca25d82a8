---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: tenant_summary
scope: tenant
description: "One row for each tenant: what it has and what it earns."
grain: [tenant_id]
inputs: [silver.tenant, silver.customer, silver.product, gold.revenue_monthly, gold.mrr_metrics, gold.payment_metrics]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id]
  inputs:
    silver.tenant: {columns: {tenant_id: tenant_id}}
    silver.customer: {columns: {tenant_id: tenant_id}}
    silver.product: {columns: {tenant_id: tenant_id}}
    gold.revenue_monthly: {columns: {tenant_id: tenant_id}}
    gold.mrr_metrics: {columns: {tenant_id: tenant_id}}
    gold.payment_metrics: {columns: {tenant_id: tenant_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: name, type: varchar, nullable: false, description: Display name.}
  - {name: plan, type: varchar, nullable: false, description: Plan the tenant is on.}
  - {name: created_at, type: timestamp(6) with time zone, nullable: false, description: When the tenant was created.}
  - {name: customers, type: bigint, nullable: false, description: Customers.}
  - {name: active_customers, type: bigint, nullable: false, description: Customers of status active.}
  - {name: products, type: bigint, nullable: false, description: Products.}
  - {name: active_products, type: bigint, nullable: false, description: Products that are offered.}
  - {name: placed_orders, type: bigint, nullable: false, description: Orders of every status.}
  - {name: order_count, type: bigint, nullable: false, description: Completed orders.}
  - {name: total_revenue, type: "decimal(18,2)", nullable: false, description: Sum of their totals.}
  - {name: first_order_month, type: date, nullable: true, description: First day of the month of the first order; NULL without orders.}
  - {name: last_order_month, type: date, nullable: true, description: First day of the month of the last order; NULL without orders.}
  - {name: active_subscriptions, type: bigint, nullable: false, description: "Active subscriptions, of the newest day of mrr_metrics."}
  - {name: mrr, type: "decimal(18,2)", nullable: false, description: "Monthly recurring revenue, of the newest day of mrr_metrics."}
  - {name: arr, type: "decimal(18,2)", nullable: false, description: "Annual recurring revenue, twelve times mrr."}
  - {name: amount_outstanding, type: "decimal(18,2)", nullable: false, description: What is still to be paid of open invoices.}
  - {name: amount_overdue, type: "decimal(18,2)", nullable: false, description: "What of it is overdue, as payment_metrics has it."}
expectations:
  - {name: plan_is_known, kind: accepted_values, columns: [plan], values: [enterprise, midmarket, small], severity: flag, description: The plan is one that is sold.}
---
WITH customers AS (
  SELECT tenant_id, count(*) AS customers, count_if(status = 'active') AS active_customers
  FROM silver.customer
  GROUP BY tenant_id
),
products AS (
  SELECT tenant_id, count(*) AS products, count_if(is_active) AS active_products
  FROM silver.product
  GROUP BY tenant_id
),
orders AS (
  SELECT
    tenant_id,
    sum(placed_orders) AS placed_orders,
    sum(order_count) AS order_count,
    sum(total_revenue) AS total_revenue,
    min(dt_month) AS first_order_month,
    max(dt_month) AS last_order_month
  FROM gold.revenue_monthly
  GROUP BY tenant_id
),
recurring AS (
  SELECT
    tenant_id,
    max_by(active_subscriptions, dt) AS active_subscriptions,
    max_by(mrr, dt) AS mrr,
    max_by(arr, dt) AS arr
  FROM gold.mrr_metrics
  GROUP BY tenant_id
),
payments AS (
  SELECT
    tenant_id,
    sum(amount_outstanding) AS amount_outstanding,
    sum(amount_overdue) AS amount_overdue
  FROM gold.payment_metrics
  GROUP BY tenant_id
)
SELECT
  t.tenant_id,
  t.name,
  t.plan,
  t.created_at,
  coalesce(c.customers, 0) AS customers,
  coalesce(c.active_customers, 0) AS active_customers,
  coalesce(p.products, 0) AS products,
  coalesce(p.active_products, 0) AS active_products,
  coalesce(o.placed_orders, 0) AS placed_orders,
  coalesce(o.order_count, 0) AS order_count,
  CAST(coalesce(o.total_revenue, 0) AS decimal(18, 2)) AS total_revenue,
  o.first_order_month,
  o.last_order_month,
  coalesce(r.active_subscriptions, 0) AS active_subscriptions,
  CAST(coalesce(r.mrr, 0) AS decimal(18, 2)) AS mrr,
  CAST(coalesce(r.arr, 0) AS decimal(18, 2)) AS arr,
  CAST(coalesce(y.amount_outstanding, 0) AS decimal(18, 2)) AS amount_outstanding,
  CAST(coalesce(y.amount_overdue, 0) AS decimal(18, 2)) AS amount_overdue
FROM silver.tenant t
LEFT JOIN customers c ON c.tenant_id = t.tenant_id
LEFT JOIN products p ON p.tenant_id = t.tenant_id
LEFT JOIN orders o ON o.tenant_id = t.tenant_id
LEFT JOIN recurring r ON r.tenant_id = t.tenant_id
LEFT JOIN payments y ON y.tenant_id = t.tenant_id
