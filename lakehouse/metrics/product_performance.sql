---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: product_performance
scope: tenant
description: Sales of each product so far and what is in stock. A product that was sold but has not arrived itself is listed without its facts.
grain: [tenant_id, product_id]
inputs: [silver.product, gold.product_sales]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, product_id]
  inputs:
    silver.product: {columns: {tenant_id: tenant_id, product_id: id}}
    gold.product_sales: {columns: {tenant_id: tenant_id, product_id: product_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: product_id, type: bigint, nullable: false, description: Product.}
  - {name: sku, type: varchar, nullable: true, description: Stock keeping unit; NULL while the product has not arrived.}
  - {name: name, type: varchar, nullable: true, description: Display name; NULL while the product has not arrived.}
  - {name: category, type: varchar, nullable: true, description: Category as entered; NULL while the product has not arrived.}
  - {name: category_top, type: varchar, nullable: true, description: Uppermost level of the category; NULL without one and while the product has not arrived.}
  - {name: is_active, type: boolean, nullable: true, description: Whether it is offered; NULL while the product has not arrived.}
  - {name: price, type: "decimal(12,2)", nullable: true, description: Price of one at present; NULL while the product has not arrived.}
  - {name: inventory_quantity, type: integer, nullable: true, description: "Pieces in stock, negative when oversold; NULL while the product has not arrived."}
  - {name: order_count, type: bigint, nullable: false, description: Completed orders with the product.}
  - {name: pieces, type: bigint, nullable: false, description: Pieces in completed orders.}
  - {name: revenue, type: "decimal(18,2)", nullable: false, description: "Sum of the lines of completed orders, after discount, without tax and shipping."}
  - {name: discount, type: "decimal(18,2)", nullable: false, description: Discounts on these lines.}
  - {name: cost_of_sales, type: "decimal(18,2)", nullable: true, description: Pieces times the product's present cost; NULL while the product has not arrived.}
  - {name: margin, type: "decimal(18,2)", nullable: true, description: revenue less cost_of_sales; NULL while the product has not arrived.}
  - {name: margin_rate, type: "decimal(18,4)", nullable: true, description: "margin per revenue, rounded half up; NULL without revenue."}
  - {name: refunded_pieces, type: bigint, nullable: false, description: Pieces in refunded orders.}
  - {name: refunded_amount, type: "decimal(18,2)", nullable: false, description: Sum of the lines of refunded orders.}
  - {name: first_sold_on, type: date, nullable: true, description: UTC date of the first completed order; NULL when never sold.}
  - {name: last_sold_on, type: date, nullable: true, description: UTC date of the last completed order; NULL when never sold.}
expectations:
  - {name: margin_not_negative, kind: range, columns: [margin], min: "0", severity: flag, description: The product brings no less than it costs.}
  - {name: pieces_not_negative, kind: range, columns: [pieces], min: "0", severity: flag, description: No less than nothing is sold.}
---
WITH sold AS (
  SELECT
    tenant_id,
    product_id,
    -- An order has one date, so the days' orders add up.
    sum(order_count) AS order_count,
    sum(pieces) AS pieces,
    sum(revenue) AS revenue,
    sum(discount) AS discount,
    sum(refunded_pieces) AS refunded_pieces,
    sum(refunded_amount) AS refunded_amount,
    min(CASE WHEN order_count > 0 THEN dt END) AS first_sold_on,
    max(CASE WHEN order_count > 0 THEN dt END) AS last_sold_on
  FROM gold.product_sales
  GROUP BY tenant_id, product_id
),
joined AS (
  SELECT
    coalesce(p.tenant_id, s.tenant_id) AS tenant_id,
    coalesce(p.id, s.product_id) AS product_id,
    p.sku,
    p.name,
    p.category,
    p.category_top,
    p.is_active,
    p.price,
    p.inventory_quantity,
    coalesce(s.order_count, 0) AS order_count,
    coalesce(s.pieces, 0) AS pieces,
    CAST(coalesce(s.revenue, 0) AS decimal(18, 2)) AS revenue,
    CAST(coalesce(s.discount, 0) AS decimal(18, 2)) AS discount,
    CAST(p.cost * CAST(coalesce(s.pieces, 0) AS decimal(18, 0)) AS decimal(18, 2)) AS cost_of_sales,
    coalesce(s.refunded_pieces, 0) AS refunded_pieces,
    CAST(coalesce(s.refunded_amount, 0) AS decimal(18, 2)) AS refunded_amount,
    s.first_sold_on,
    s.last_sold_on
  FROM silver.product p
  FULL OUTER JOIN sold s ON s.tenant_id = p.tenant_id AND s.product_id = p.id
)
SELECT
  tenant_id,
  product_id,
  sku,
  name,
  category,
  category_top,
  is_active,
  price,
  inventory_quantity,
  order_count,
  pieces,
  revenue,
  discount,
  cost_of_sales,
  CAST(revenue - cost_of_sales AS decimal(18, 2)) AS margin,
  CAST(round((revenue - cost_of_sales) / nullif(revenue, 0), 4) AS decimal(18, 4)) AS margin_rate,
  refunded_pieces,
  refunded_amount,
  first_sold_on,
  last_sold_on
FROM joined
