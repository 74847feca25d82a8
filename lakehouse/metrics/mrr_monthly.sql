---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: mrr_monthly
scope: tenant
description: "Monthly recurring revenue per tenant and UTC month as subscriptions were then, and how it moved: opening, new, reactivation and expansion, less contraction and churned, are mrr."
grain: [tenant_id, dt_month]
inputs: [silver.subscription_history]
time_columns: [dt_month]
clock: utc_day
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id]
  inputs:
    silver.subscription_history: {columns: {tenant_id: tenant_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: dt_month, type: date, nullable: false, description: "First day of the month, from the tenant's first active subscription on; joins dim_date."}
  - {name: opening_mrr, type: "decimal(18,2)", nullable: false, description: The mrr of the month before.}
  - {name: new_mrr, type: "decimal(18,2)", nullable: false, description: What subscriptions bring at the end of the month that no earlier month had.}
  - {name: reactivation_mrr, type: "decimal(18,2)", nullable: false, description: What subscriptions bring that an earlier month had and the one before had not.}
  - {name: expansion_mrr, type: "decimal(18,2)", nullable: false, description: By how much subscriptions bring more than at the end of the month before.}
  - {name: contraction_mrr, type: "decimal(18,2)", nullable: false, description: By how much subscriptions bring less than at the end of the month before and still something.}
  - {name: churned_mrr, type: "decimal(18,2)", nullable: false, description: What subscriptions brought at the end of the month before that bring nothing any more.}
  - {name: mrr, type: "decimal(18,2)", nullable: false, description: Sum of the monthly amounts of the subscriptions active at the end of the month so far.}
  - {name: arr, type: "decimal(18,2)", nullable: false, description: "Annual recurring revenue, twelve times mrr."}
  - {name: active_subscriptions, type: bigint, nullable: false, description: Subscriptions that bring something at the end of the month so far.}
  - {name: new_subscriptions, type: bigint, nullable: false, description: Those of new_mrr.}
  - {name: reactivated_subscriptions, type: bigint, nullable: false, description: Those of reactivation_mrr.}
  - {name: churned_subscriptions, type: bigint, nullable: false, description: Those of churned_mrr.}
---
-- When a subscription brought what. One that was cancelled before it was captured has one version,
-- from its start on: it was active until it was cancelled.
WITH spans AS (
  SELECT tenant_id, id, valid_from AS begins, valid_to AS ends, monthly_amount AS amount
  FROM silver.subscription_history
  WHERE status = 'active' AND monthly_amount > 0
  UNION ALL
  SELECT tenant_id, id, valid_from AS begins, least(cancelled_at, valid_to) AS ends, monthly_amount AS amount
  FROM silver.subscription_history
  WHERE status = 'cancelled' AND began = 'copied' AND cancelled_at > valid_from AND monthly_amount > 0
),
months AS (
  SELECT
    tenant_id,
    explode(
      sequence(trunc(min(to_date(begins)), 'MM'), trunc(${as_of_date}, 'MM'), INTERVAL 1 MONTH)
    ) AS dt_month
  FROM spans
  WHERE to_date(begins) <= ${as_of_date}
  GROUP BY tenant_id
),
boundaries AS (
  SELECT
    tenant_id,
    dt_month,
    CAST(least(add_months(dt_month, 1), date_add(${as_of_date}, 1)) AS timestamp) AS boundary
  FROM months
),
held AS (
  SELECT b.tenant_id, b.dt_month, s.id, sum(s.amount) AS mrr
  FROM boundaries b
  JOIN spans s
    ON s.tenant_id = b.tenant_id
    AND s.begins < b.boundary
    AND (s.ends IS NULL OR s.ends >= b.boundary)
  GROUP BY b.tenant_id, b.dt_month, s.id
),
neighbours AS (
  SELECT
    *,
    lag(dt_month) OVER one AS month_before,
    lag(mrr) OVER one AS mrr_before,
    lead(dt_month) OVER one AS month_after
  FROM held
  WINDOW one AS (PARTITION BY tenant_id, id ORDER BY dt_month)
),
-- What each subscription adds to the month, and what its end takes from the month that follows.
movements AS (
  SELECT
    tenant_id,
    dt_month,
    mrr,
    if(month_before IS NULL, mrr, 0) AS new_mrr,
    if(month_before < add_months(dt_month, -1), mrr, 0) AS reactivation_mrr,
    if(month_before = add_months(dt_month, -1), greatest(mrr - mrr_before, 0), 0) AS expansion_mrr,
    if(month_before = add_months(dt_month, -1), greatest(mrr_before - mrr, 0), 0) AS contraction_mrr,
    0 AS churned_mrr
  FROM neighbours
  UNION ALL
  SELECT tenant_id, add_months(dt_month, 1), 0, 0, 0, 0, 0, mrr
  FROM neighbours
  WHERE NOT month_after <=> add_months(dt_month, 1) AND dt_month < trunc(${as_of_date}, 'MM')
),
sums AS (
  SELECT
    tenant_id,
    dt_month,
    sum(mrr) AS mrr,
    sum(new_mrr) AS new_mrr,
    sum(reactivation_mrr) AS reactivation_mrr,
    sum(expansion_mrr) AS expansion_mrr,
    sum(contraction_mrr) AS contraction_mrr,
    sum(churned_mrr) AS churned_mrr,
    count_if(mrr > 0) AS active_subscriptions,
    count_if(new_mrr > 0) AS new_subscriptions,
    count_if(reactivation_mrr > 0) AS reactivated_subscriptions,
    count_if(churned_mrr > 0) AS churned_subscriptions
  FROM movements
  GROUP BY tenant_id, dt_month
)
SELECT
  m.tenant_id,
  m.dt_month,
  CAST(coalesce(lag(s.mrr) OVER (PARTITION BY m.tenant_id ORDER BY m.dt_month), 0) AS decimal(18, 2)) AS opening_mrr,
  CAST(coalesce(s.new_mrr, 0) AS decimal(18, 2)) AS new_mrr,
  CAST(coalesce(s.reactivation_mrr, 0) AS decimal(18, 2)) AS reactivation_mrr,
  CAST(coalesce(s.expansion_mrr, 0) AS decimal(18, 2)) AS expansion_mrr,
  CAST(coalesce(s.contraction_mrr, 0) AS decimal(18, 2)) AS contraction_mrr,
  CAST(coalesce(s.churned_mrr, 0) AS decimal(18, 2)) AS churned_mrr,
  CAST(coalesce(s.mrr, 0) AS decimal(18, 2)) AS mrr,
  CAST(12 * coalesce(s.mrr, 0) AS decimal(18, 2)) AS arr,
  coalesce(s.active_subscriptions, 0L) AS active_subscriptions,
  coalesce(s.new_subscriptions, 0L) AS new_subscriptions,
  coalesce(s.reactivated_subscriptions, 0L) AS reactivated_subscriptions,
  coalesce(s.churned_subscriptions, 0L) AS churned_subscriptions
FROM months m
LEFT JOIN sums s ON s.tenant_id = m.tenant_id AND s.dt_month = m.dt_month
