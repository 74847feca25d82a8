---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: dim_product
scope: tenant
description: Products of each tenant as they are now.
grain: [tenant_id, product_id]
inputs: [silver.product]
time_columns: [created_at]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, product_id]
  inputs:
    silver.product: {columns: {tenant_id: tenant_id, product_id: id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: product_id, type: bigint, nullable: false, description: Key of the product.}
  - {name: sku, type: varchar, nullable: false, description: "Stock keeping unit, unique per tenant."}
  - {name: name, type: varchar, nullable: false, description: Display name.}
  - {name: category, type: varchar, nullable: false, description: Category as entered.}
  - {name: category_normalized, type: varchar, nullable: true, description: "Levels of the category joined by >; NULL when there is none."}
  - {name: category_top, type: varchar, nullable: true, description: Uppermost level of the category; NULL when there is none.}
  - {name: price, type: "decimal(12,2)", nullable: false, description: Price of one.}
  - {name: cost, type: "decimal(12,2)", nullable: false, description: What one costs the tenant.}
  - {name: inventory_quantity, type: integer, nullable: false, description: "Pieces in stock, negative when oversold."}
  - {name: is_active, type: boolean, nullable: false, description: Whether it is offered.}
  - {name: created_at, type: timestamp(6) with time zone, nullable: false, description: When the product was created.}
  - {name: updated_at, type: timestamp(6) with time zone, nullable: false, description: When the product was last changed.}
---
SELECT
  tenant_id,
  id AS product_id,
  sku,
  name,
  category,
  category_normalized,
  category_top,
  price,
  cost,
  inventory_quantity,
  is_active,
  created_at,
  updated_at
FROM silver.product
