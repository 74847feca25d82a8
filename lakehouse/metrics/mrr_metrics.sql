---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: mrr_metrics
scope: tenant
description: Monthly recurring revenue per tenant and UTC day, of the subscriptions active at the end of the day so far.
grain: [tenant_id, dt]
inputs: [silver.subscription]
time_columns: [dt]
clock: utc_day
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id]
  inputs:
    silver.subscription: {columns: {tenant_id: tenant_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: dt, type: date, nullable: false, description: "UTC day, from the tenant's first subscription on."}
  - {name: mrr, type: "decimal(18,2)", nullable: false, description: Sum of the monthly amounts of active subscriptions.}
  - {name: active_subscriptions, type: bigint, nullable: false, description: Subscriptions active at the end of the day so far.}
  - {name: arr, type: "decimal(18,2)", nullable: false, description: "Annual recurring revenue, twelve times mrr."}
---
WITH days AS (
  SELECT tenant_id, explode(sequence(min(to_date(started_at)), ${as_of_date})) AS dt
  FROM silver.subscription
  WHERE to_date(started_at) <= ${as_of_date}
  GROUP BY tenant_id
),
-- A change at the day that it takes effect: a start adds, an end takes away. A subscription that
-- starts on day d counts from d on; one that ends on day d no longer counts at the end of d.
changes AS (
  SELECT tenant_id, to_date(started_at) AS dt, monthly_amount AS amount, 1 AS subscriptions
  FROM silver.subscription
  WHERE status IN ('active', 'cancelled')
    AND NOT (status = 'cancelled' AND cancelled_at IS NULL)
  UNION ALL
  SELECT
    tenant_id,
    greatest(to_date(cancelled_at), to_date(started_at)) AS dt,
    -monthly_amount AS amount,
    -1 AS subscriptions
  FROM silver.subscription
  WHERE status IN ('active', 'cancelled')
    AND cancelled_at IS NOT NULL
),
daily AS (
  SELECT tenant_id, dt, sum(amount) AS amount, sum(subscriptions) AS subscriptions
  FROM changes
  GROUP BY tenant_id, dt
),
running AS (
  SELECT
    days.tenant_id,
    days.dt,
    coalesce(
      sum(daily.amount) OVER (PARTITION BY days.tenant_id ORDER BY days.dt), 0) AS mrr,
    coalesce(
      sum(daily.subscriptions) OVER (PARTITION BY days.tenant_id ORDER BY days.dt), 0) AS active
  FROM days
  LEFT JOIN daily ON daily.tenant_id = days.tenant_id AND daily.dt = days.dt
)
SELECT
  tenant_id,
  dt,
  CAST(mrr AS decimal(18, 2)) AS mrr,
  CAST(active AS bigint) AS active_subscriptions,
  CAST(12 * mrr AS decimal(18, 2)) AS arr
FROM running
