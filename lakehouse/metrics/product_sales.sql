---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: product_sales
scope: tenant
description: "What completed and refunded orders sold of each product, per UTC day of the order."
grain: [tenant_id, product_id, dt]
inputs: [gold.fact_order_line]
time_columns: [dt]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id, dt_year]
incremental:
  by: [tenant_id, product_id, dt]
  inputs:
    gold.fact_order_line: {columns: {tenant_id: tenant_id, product_id: product_id, dt: dt}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: product_id, type: bigint, nullable: false, description: Product.}
  - {name: dt, type: date, nullable: false, description: UTC date of order_date.}
  - {name: order_count, type: bigint, nullable: false, description: Completed orders with the product.}
  - {name: pieces, type: bigint, nullable: false, description: Pieces in completed orders.}
  - {name: revenue, type: "decimal(18,2)", nullable: false, description: "Sum of the lines of completed orders, after discount, without tax and shipping."}
  - {name: discount, type: "decimal(18,2)", nullable: false, description: Discounts on these lines.}
  - {name: refunded_pieces, type: bigint, nullable: false, description: Pieces in refunded orders.}
  - {name: refunded_amount, type: "decimal(18,2)", nullable: false, description: Sum of the lines of refunded orders.}
  - {name: dt_year, type: date, nullable: false, description: First day of the year of dt.}
expectations:
  - {name: revenue_not_negative, kind: range, columns: [revenue], min: "0", severity: flag, description: A day of sales brings no less than nothing.}
---
SELECT
  tenant_id,
  product_id,
  dt,
  count(DISTINCT CASE WHEN status = 'completed' THEN order_id END) AS order_count,
  sum(CASE WHEN status = 'completed' THEN CAST(quantity AS bigint) ELSE 0 END) AS pieces,
  CAST(sum(CASE WHEN status = 'completed' THEN line_total ELSE 0 END) AS decimal(18, 2)) AS revenue,
  CAST(sum(CASE WHEN status = 'completed' THEN discount ELSE 0 END) AS decimal(18, 2)) AS discount,
  sum(CASE WHEN status = 'refunded' THEN CAST(quantity AS bigint) ELSE 0 END) AS refunded_pieces,
  CAST(
    sum(CASE WHEN status = 'refunded' THEN line_total ELSE 0 END) AS decimal(18, 2)
  ) AS refunded_amount,
  trunc(dt, 'YEAR') AS dt_year
FROM gold.fact_order_line
WHERE status IN ('completed', 'refunded')
GROUP BY tenant_id, product_id, dt
