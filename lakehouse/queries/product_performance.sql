---
# yaml-language-server: $schema=../schema/query-header.schema.json
version: 1
name: product_performance
title: Product performance dashboard
description: Pieces sold, revenue and orders per product, of completed orders.
workgroup: data-engineering
inputs: [silver.product, silver.orderitem, silver.order]
---
SELECT
  p.tenant_id,
  p.id AS product_id,
  p.name,
  p.category,
  sum(i.quantity) AS pieces,
  sum(i.line_total) AS revenue,
  count(DISTINCT i.order_id) AS orders
FROM silver.product p
JOIN silver.orderitem i ON i.product_id = p.id AND i.tenant_id = p.tenant_id
JOIN silver."order" o ON o.id = i.order_id AND o.tenant_id = i.tenant_id
WHERE o.status = 'completed'
GROUP BY p.tenant_id, p.id, p.name, p.category
ORDER BY p.tenant_id, revenue DESC
