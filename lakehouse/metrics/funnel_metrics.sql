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
  - {name: dt_month, type: date, nullable: false, description: First day of the month of dt.}
---
SELECT
  tenant_id,
  to_date(created_at) AS dt,
  hour(created_at) AS hour,
  count_if(event_type = 'page_view') AS page_views,
  count_if(event_type = 'product_view') AS product_views,
  count_if(event_type = 'add_to_cart') AS add_to_cart,
  count_if(event_type = 'checkout') AS checkouts,
  count_if(event_type = 'purchase') AS purchases,
  trunc(to_date(created_at), 'MM') AS dt_month
FROM silver.event
GROUP BY tenant_id, to_date(created_at), hour(created_at)
