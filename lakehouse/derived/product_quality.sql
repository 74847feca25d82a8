---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: product_quality
scope: tenant
description: What is wrong with a tenant's products, SKUs that several share included.
grain: [tenant_id, product_id]
inputs: [silver.product]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, product_id]
  inputs:
    silver.product:
      columns: {tenant_id: tenant_id}
      keys: >-
        SELECT tenant_id, id AS product_id FROM changed
        UNION ALL
        SELECT o.tenant_id, o.id AS product_id FROM changed c
        JOIN silver.product o ON o.tenant_id = c.tenant_id AND o.sku = c.sku
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: product_id, type: bigint, nullable: false, description: Key of the product.}
  - {name: sku, type: varchar, nullable: false, description: Stock keeping unit.}
  - {name: products_with_sku, type: bigint, nullable: false, description: "Products of the tenant with this SKU, this one included."}
  - {name: sku_is_unique, type: boolean, nullable: false, description: Whether no other product of the tenant has the SKU.}
  - {name: price_is_negative, type: boolean, nullable: false, description: Whether the price is below zero.}
  - {name: cost_exceeds_price, type: boolean, nullable: false, description: Whether it costs the tenant more than it brings.}
  - {name: inventory_is_negative, type: boolean, nullable: false, description: Whether less than nothing is in stock.}
  - {name: is_valid, type: boolean, nullable: false, description: "Whether none of this is wrong; a cost above the price is not wrong, only worth a look."}
---
WITH counted AS (
  SELECT
    tenant_id,
    id,
    sku,
    price,
    cost,
    inventory_quantity,
    count(*) OVER (PARTITION BY tenant_id, sku) AS products
  FROM silver.product
)
SELECT
  tenant_id,
  id AS product_id,
  sku,
  products AS products_with_sku,
  products = 1 AS sku_is_unique,
  price < 0 AS price_is_negative,
  cost > price AS cost_exceeds_price,
  inventory_quantity < 0 AS inventory_is_negative,
  products = 1 AND price >= 0 AND inventory_quantity >= 0 AS is_valid
FROM counted
