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
  - {name: new_mrr, type: "decimal(18,2)", nullable: false, description: Monthly amounts of subscriptions that began on the day.}
  - {name: churned_mrr, type: "decimal(18,2)", nullable: false, description: Monthly amounts of subscriptions that ended on the day.}
  - {name: new_subscriptions, type: bigint, nullable: false, description: Subscriptions that began on the day.}
  - {name: churned_subscriptions, type: bigint, nullable: false, description: Subscriptions that ended on the day.}
expectations:
  - {name: mrr_not_negative, kind: range, columns: [mrr], min: "0", severity: flag, description: Subscriptions bring no less than nothing.}
---
WITH days AS (
  SELECT tenant_id, explode(sequence(min(to_date(started_at)), ${as_of_date})) AS dt
  FROM silver.subscription
  WHERE to_date(started_at) <= ${as_of_date}
  GROUP BY tenant_id
),
-- A change at the day that it takes effect: a start adds, an end takes away. A subscription that
-- starts on day d counts from d on; one that ends on day d no longer counts at the end of d.
-- A row knows its start and its end, at its present amount. What it was between them (another
-- amount, paused and resumed) takes a history of the row: a branch of this union for each kind.
changes AS (
  SELECT
    tenant_id,
    to_date(started_at) AS dt,
    monthly_amount AS started,
    0 AS ended,
    1 AS starts,
    0 AS ends
  FROM silver.subscription
  WHERE status IN ('active', 'cancelled')
    AND NOT (status = 'cancelled' AND cancelled_at IS NULL)
  UNION ALL
  SELECT
    tenant_id,
    greatest(to_date(cancelled_at), to_date(started_at)) AS dt,
    0 AS started,
    monthly_amount AS ended,
    0 AS starts,
    1 AS ends
  FROM silver.subscription
  WHERE status IN ('active', 'cancelled')
    AND cancelled_at IS NOT NULL
),
daily AS (
  SELECT
    tenant_id,
    dt,
    sum(started) AS started,
    sum(ended) AS ended,
    sum(starts) AS starts,
    sum(ends) AS ends
  FROM changes
  GROUP BY tenant_id, dt
),
running AS (
  SELECT
    days.tenant_id,
    days.dt,
    coalesce(daily.started, 0) AS started,
    coalesce(daily.ended, 0) AS ended,
    coalesce(daily.starts, 0) AS starts,
    coalesce(daily.ends, 0) AS ends,
    coalesce(
      sum(daily.started - daily.ended) OVER (PARTITION BY days.tenant_id ORDER BY days.dt),
      0) AS mrr,
    coalesce(
      sum(daily.starts - daily.ends) OVER (PARTITION BY days.tenant_id ORDER BY days.dt),
      0) AS active
  FROM days
  LEFT JOIN daily ON daily.tenant_id = days.tenant_id AND daily.dt = days.dt
)
SELECT
  tenant_id,
  dt,
  CAST(mrr AS decimal(18, 2)) AS mrr,
  CAST(active AS bigint) AS active_subscriptions,
  CAST(12 * mrr AS decimal(18, 2)) AS arr,
  CAST(started AS decimal(18, 2)) AS new_mrr,
  CAST(ended AS decimal(18, 2)) AS churned_mrr,
  CAST(starts AS bigint) AS new_subscriptions,
  CAST(ends AS bigint) AS churned_subscriptions
FROM running
