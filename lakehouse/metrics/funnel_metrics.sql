---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: funnel_metrics
scope: tenant
description: Steps from page view to purchase per tenant and UTC hour.
grain: [tenant_id, dt, hour]
inputs: [silver.event]
time_columns: [dt]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id, dt_month]
incremental:
  by: [tenant_id, dt]
  inputs:
    silver.event: {columns: {tenant_id: tenant_id, dt: to_date(created_at)}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: dt, type: date, nullable: false, description: UTC date of the events.}
  - {name: hour, type: integer, nullable: false, description: "UTC hour of the events, 0 to 23."}
  - {name: page_views, type: bigint, nullable: false, description: Events of type page_view.}
  - {name: product_views, type: bigint, nullable: false, description: Events of type product_view.}
  - {name: add_to_cart, type: bigint, nullable: false, description: Events of type add_to_cart.}
  - {name: checkouts, type: bigint, nullable: false, description: Events of type checkout.}
  - {name: purchases, type: bigint, nullable: false, description: Events of type purchase.}
  - {name: sessions, type: bigint, nullable: false, description: Distinct sessions among the events.}
  - {name: product_view_rate, type: "decimal(18,4)", nullable: true, description: "product_views per page view, rounded half up; NULL without page views."}
  - {name: add_to_cart_rate, type: "decimal(18,4)", nullable: true, description: "add_to_cart per product view, rounded half up; NULL without product views."}
  - {name: checkout_rate, type: "decimal(18,4)", nullable: true, description: "checkouts per add_to_cart, rounded half up; NULL without add_to_cart."}
  - {name: purchase_rate, type: "decimal(18,4)", nullable: true, description: "purchases per checkout, rounded half up; NULL without checkouts."}
  - {name: conversion_rate, type: "decimal(18,4)", nullable: true, description: "purchases per page view, rounded half up; NULL without page views."}
  - {name: dt_month, type: date, nullable: false, description: First day of the month of dt.}
expectations:
  - {name: conversion_not_negative, kind: range, columns: [conversion_rate], min: "0", severity: block, description: A rate is zero or more.}
---
WITH hourly AS (
  SELECT
    tenant_id,
    to_date(created_at) AS dt,
    hour(created_at) AS hour,
    count_if(event_type = 'page_view') AS page_views,
    count_if(event_type = 'product_view') AS product_views,
    count_if(event_type = 'add_to_cart') AS add_to_cart,
    count_if(event_type = 'checkout') AS checkouts,
    count_if(event_type = 'purchase') AS purchases,
    count(DISTINCT session_id) AS sessions
  FROM silver.event
  GROUP BY tenant_id, to_date(created_at), hour(created_at)
)
SELECT
  tenant_id,
  dt,
  hour,
  page_views,
  product_views,
  add_to_cart,
  checkouts,
  purchases,
  sessions,
  CAST(
    round(CAST(product_views AS decimal(18, 0)) / nullif(page_views, 0), 4) AS decimal(18, 4)
  ) AS product_view_rate,
  CAST(
    round(CAST(add_to_cart AS decimal(18, 0)) / nullif(product_views, 0), 4) AS decimal(18, 4)
  ) AS add_to_cart_rate,
  CAST(
    round(CAST(checkouts AS decimal(18, 0)) / nullif(add_to_cart, 0), 4) AS decimal(18, 4)
  ) AS checkout_rate,
  CAST(
    round(CAST(purchases AS decimal(18, 0)) / nullif(checkouts, 0), 4) AS decimal(18, 4)
  ) AS purchase_rate,
  CAST(
    round(CAST(purchases AS decimal(18, 0)) / nullif(page_views, 0), 4) AS decimal(18, 4)
  ) AS conversion_rate,
  trunc(dt, 'MM') AS dt_month
FROM hourly
