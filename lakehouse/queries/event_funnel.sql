---
# yaml-language-server: $schema=../schema/query-header.schema.json
version: 1
name: event_funnel
title: Event funnel analysis
description: Steps from page view to purchase per tenant and day, each as a share of the step before.
workgroup: analytics-team
inputs: [gold.funnel_metrics]
---
WITH daily AS (
  SELECT
    tenant_id,
    dt,
    sum(page_views) AS page_views,
    sum(product_views) AS product_views,
    sum(add_to_cart) AS add_to_cart,
    sum(checkouts) AS checkouts,
    sum(purchases) AS purchases
  FROM gold.funnel_metrics
  GROUP BY tenant_id, dt
)
SELECT
  tenant_id,
  dt,
  page_views,
  product_views,
  add_to_cart,
  checkouts,
  purchases,
  CAST(product_views AS double) / nullif(page_views, 0) AS viewed_product,
  CAST(add_to_cart AS double) / nullif(product_views, 0) AS added_to_cart,
  CAST(checkouts AS double) / nullif(add_to_cart, 0) AS checked_out,
  CAST(purchases AS double) / nullif(checkouts, 0) AS purchased
FROM daily
ORDER BY tenant_id, dt
