---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: order_facts
scope: tenant
description: "Orders with what their lines, customer and products say: totals recomputed, and what is missing."
grain: [tenant_id, order_id]
inputs: [silver.order, silver.order_history, silver.orderitem, silver.customer, silver.product]
time_columns: [order_date]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id, created_month]
incremental:
  by: [tenant_id, order_id]
  inputs:
    silver.order: {columns: {tenant_id: tenant_id, order_id: id}}
    silver.order_history: {columns: {tenant_id: tenant_id, order_id: id}}
    silver.orderitem: {columns: {tenant_id: tenant_id, order_id: order_id}}
    silver.customer:
      columns: {tenant_id: tenant_id}
      keys: >-
        SELECT o.tenant_id, o.id AS order_id FROM changed c
        JOIN silver.order o ON o.tenant_id = c.tenant_id AND o.customer_id = c.id
    silver.product:
      columns: {tenant_id: tenant_id}
      keys: >-
        SELECT i.tenant_id, i.order_id FROM changed c
        JOIN silver.orderitem i ON i.tenant_id = c.tenant_id AND i.product_id = c.id
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: order_id, type: bigint, nullable: false, description: Key of the order.}
  - {name: status, type: varchar, nullable: false, description: Status of the order.}
  - {name: order_date, type: timestamp(6) with time zone, nullable: false, description: When the customer ordered.}
  - {name: customer_id, type: bigint, nullable: false, description: Customer who ordered.}
  - {name: customer_missing, type: boolean, nullable: false, description: "Whether the tenant has no such customer, or not yet."}
  - {name: customer_status, type: varchar, nullable: true, description: Status of the customer.}
  - {name: customer_created_at, type: timestamp(6) with time zone, nullable: true, description: When the customer was created.}
  - {name: lines, type: bigint, nullable: false, description: Lines.}
  - {name: lines_total, type: "decimal(18,2)", nullable: false, description: Sum of the lines' totals.}
  - {name: subtotal_discrepancy, type: "decimal(18,2)", nullable: false, description: The order's subtotal less the sum of its lines.}
  - {name: total_recomputed, type: "decimal(18,2)", nullable: false, description: "Sum of the lines, tax and shipping."}
  - {name: total_discrepancy, type: "decimal(18,2)", nullable: false, description: The order's total less the recomputed one.}
  - {name: products, type: bigint, nullable: false, description: Different products among the lines.}
  - {name: categories, type: bigint, nullable: false, description: Different categories among those products.}
  - {name: lines_without_product, type: bigint, nullable: false, description: "Lines of which the tenant has no such product, or not yet."}
  - {name: cost, type: "decimal(18,2)", nullable: true, description: What the pieces cost the tenant at the products' present costs; NULL while a product is missing.}
  - {name: margin, type: "decimal(18,2)", nullable: true, description: Sum of the lines less the cost; NULL while a product is missing.}
  - {name: forbidden_transitions, type: bigint, nullable: false, description: How often its status became what it may not become from what it was.}
  - {name: created_month, type: date, nullable: false, description: First day of the month in which the order was created.}
---
WITH line_facts AS (
  SELECT
    i.tenant_id,
    i.order_id,
    count(*) AS lines,
    sum(i.line_total) AS lines_total,
    count(DISTINCT i.product_id) AS products,
    count(DISTINCT p.category) AS categories,
    count_if(p.id IS NULL) AS lines_without_product,
    sum(i.quantity * p.cost) AS cost
  FROM silver.orderitem i
  LEFT JOIN silver.product p ON p.tenant_id = i.tenant_id AND p.id = i.product_id
  GROUP BY i.tenant_id, i.order_id
),
forbidden AS (
  SELECT tenant_id, id, count(*) AS transitions
  FROM silver.order_history
  WHERE NOT transition_allowed
  GROUP BY tenant_id, id
),
sums AS (
  SELECT
    o.tenant_id,
    o.id AS order_id,
    o.status,
    o.order_date,
    o.customer_id,
    c.id IS NULL AS customer_missing,
    c.status AS customer_status,
    c.created_at AS customer_created_at,
    o.subtotal,
    o.tax + o.shipping AS extras,
    o.total,
    o.created_at,
    coalesce(l.lines, 0L) AS lines,
    CAST(coalesce(l.lines_total, 0) AS decimal(18, 2)) AS lines_total,
    coalesce(l.products, 0L) AS products,
    coalesce(l.categories, 0L) AS categories,
    coalesce(l.lines_without_product, 0L) AS lines_without_product,
    if(coalesce(l.lines_without_product, 0L) = 0, CAST(coalesce(l.cost, 0) AS decimal(18, 2)), NULL)
      AS cost,
    coalesce(f.transitions, 0L) AS forbidden_transitions
  FROM silver.order o
  LEFT JOIN forbidden f ON f.tenant_id = o.tenant_id AND f.id = o.id
  LEFT JOIN line_facts l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
  LEFT JOIN silver.customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id
)
SELECT
  tenant_id,
  order_id,
  status,
  order_date,
  customer_id,
  customer_missing,
  customer_status,
  customer_created_at,
  lines,
  lines_total,
  CAST(subtotal - lines_total AS decimal(18, 2)) AS subtotal_discrepancy,
  CAST(lines_total + extras AS decimal(18, 2)) AS total_recomputed,
  CAST(total - lines_total - extras AS decimal(18, 2)) AS total_discrepancy,
  products,
  categories,
  lines_without_product,
  cost,
  CAST(lines_total - cost AS decimal(18, 2)) AS margin,
  forbidden_transitions,
  trunc(to_date(created_at), 'MM') AS created_month
FROM sums
