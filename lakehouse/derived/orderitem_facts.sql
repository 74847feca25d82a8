---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: orderitem_facts
scope: tenant
description: "Lines of orders with their totals recomputed, and whether their order and product are there."
grain: [tenant_id, orderitem_id]
inputs: [silver.orderitem, silver.order, silver.product]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id, created_month]
incremental:
  by: [tenant_id, orderitem_id]
  inputs:
    silver.orderitem: {columns: {tenant_id: tenant_id, orderitem_id: id}}
    silver.order:
      columns: {tenant_id: tenant_id}
      keys: >-
        SELECT i.tenant_id, i.id AS orderitem_id FROM changed c
        JOIN silver.orderitem i ON i.tenant_id = c.tenant_id AND i.order_id = c.id
    silver.product:
      columns: {tenant_id: tenant_id}
      keys: >-
        SELECT i.tenant_id, i.id AS orderitem_id FROM changed c
        JOIN silver.orderitem i ON i.tenant_id = c.tenant_id AND i.product_id = c.id
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: orderitem_id, type: bigint, nullable: false, description: Key of the line.}
  - {name: order_id, type: bigint, nullable: false, description: Order of the line.}
  - {name: product_id, type: bigint, nullable: false, description: Product of the line.}
  - {name: order_missing, type: boolean, nullable: false, description: "Whether the tenant has no such order, or not yet."}
  - {name: product_missing, type: boolean, nullable: false, description: "Whether the tenant has no such product, or not yet."}
  - {name: order_status, type: varchar, nullable: true, description: Status of the order.}
  - {name: category, type: varchar, nullable: true, description: Category of the product as entered.}
  - {name: line_total, type: "decimal(18,2)", nullable: false, description: Total as the source has it.}
  - {name: line_total_recomputed, type: "decimal(18,2)", nullable: false, description: Pieces times price less discount.}
  - {name: line_total_discrepancy, type: "decimal(18,2)", nullable: false, description: The line's total less the recomputed one.}
  - {name: created_month, type: date, nullable: false, description: First day of the month in which the line was created.}
---
SELECT
  i.tenant_id,
  i.id AS orderitem_id,
  i.order_id,
  i.product_id,
  o.id IS NULL AS order_missing,
  p.id IS NULL AS product_missing,
  o.status AS order_status,
  p.category,
  CAST(i.line_total AS decimal(18, 2)) AS line_total,
  CAST(i.quantity * i.unit_price - i.discount AS decimal(18, 2)) AS line_total_recomputed,
  CAST(i.line_total - (i.quantity * i.unit_price - i.discount) AS decimal(18, 2))
    AS line_total_discrepancy,
  trunc(to_date(i.created_at), 'MM') AS created_month
FROM silver.orderitem i
LEFT JOIN silver.order o ON o.tenant_id = i.tenant_id AND o.id = i.order_id
LEFT JOIN silver.product p ON p.tenant_id = i.tenant_id AND p.id = i.product_id
