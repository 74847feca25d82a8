---
# yaml-language-server: $schema=../schema/query-header.schema.json
version: 1
name: product_performance
title: Product performance dashboard
description: Pieces sold, revenue, orders, margin and stock per product, of completed orders.
workgroup: analytics-team
inputs: [gold.product_performance]
---
SELECT
  tenant_id,
  product_id,
  name,
  category,
  pieces,
  revenue,
  order_count AS orders,
  margin,
  margin_rate,
  refunded_pieces,
  inventory_quantity
FROM gold.product_performance
ORDER BY tenant_id, revenue DESC
