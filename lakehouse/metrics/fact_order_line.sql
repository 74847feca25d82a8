---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: fact_order_line
scope: tenant
description: "Lines of orders of every status, each with what its order says. A line appears once its order has arrived."
grain: [tenant_id, order_id, order_line_id]
inputs: [silver.orderitem, silver.order]
time_columns: [dt]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id, dt_month]
incremental:
  by: [tenant_id, order_id]
  inputs:
    silver.orderitem: {columns: {tenant_id: tenant_id, order_id: order_id}}
    silver.order: {columns: {tenant_id: tenant_id, order_id: id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: order_line_id, type: bigint, nullable: false, description: Key of the line.}
  - {name: order_id, type: bigint, nullable: false, description: Order that it belongs to.}
  - {name: customer_id, type: bigint, nullable: false, description: Customer who ordered; joins dim_customer.}
  - {name: product_id, type: bigint, nullable: false, description: Product; joins dim_product.}
  - {name: dt, type: date, nullable: false, description: UTC date of order_date; joins dim_date.}
  - {name: order_date, type: timestamp(6) with time zone, nullable: false, description: When the customer ordered.}
  - {name: status, type: varchar, nullable: false, description: "Status of the order: pending, paid, shipped, completed, cancelled or refunded."}
  - {name: currency, type: varchar, nullable: false, description: ISO 4217 code of the order's currency.}
  - {name: quantity, type: integer, nullable: false, description: Pieces.}
  - {name: unit_price, type: "decimal(12,2)", nullable: false, description: Price of one piece.}
  - {name: discount, type: "decimal(12,2)", nullable: false, description: Discount on the line.}
  - {name: line_total, type: "decimal(12,2)", nullable: false, description: "What the line costs, without tax and shipping."}
  - {name: dt_month, type: date, nullable: false, description: First day of the month of dt.}
expectations:
  - {name: quantity_above_zero, kind: range, columns: [quantity], min: "1", severity: flag, description: At least one piece was ordered.}
---
SELECT
  i.tenant_id,
  i.id AS order_line_id,
  i.order_id,
  o.customer_id,
  i.product_id,
  to_date(o.order_date) AS dt,
  o.order_date,
  o.status,
  o.currency,
  i.quantity,
  i.unit_price,
  i.discount,
  i.line_total,
  trunc(to_date(o.order_date), 'MM') AS dt_month
FROM silver.orderitem i
JOIN silver.order o ON o.tenant_id = i.tenant_id AND o.id = i.order_id
