---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: fact_subscription_month
scope: tenant
description: "Subscriptions by UTC month, from the month they began until the one they ended or the present one. Trialing and past-due ones have no months."
grain: [tenant_id, subscription_id, dt_month]
inputs: [silver.subscription]
time_columns: [dt_month]
clock: utc_day
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, subscription_id]
  inputs:
    silver.subscription: {columns: {tenant_id: tenant_id, subscription_id: id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: subscription_id, type: bigint, nullable: false, description: Subscription.}
  - {name: dt_month, type: date, nullable: false, description: First day of the month; joins dim_date.}
  - {name: customer_id, type: bigint, nullable: false, description: Customer who subscribed; joins dim_customer.}
  - {name: plan, type: varchar, nullable: false, description: "Plan subscribed to, at present."}
  - {name: is_active, type: boolean, nullable: false, description: Whether it is active at the end of the month so far.}
  - {name: mrr, type: "decimal(18,2)", nullable: false, description: "Its monthly amount while is_active, otherwise 0."}
  - {name: new_mrr, type: "decimal(18,2)", nullable: false, description: "Its monthly amount in the month that it began, otherwise 0."}
  - {name: churned_mrr, type: "decimal(18,2)", nullable: false, description: "Its monthly amount in the month that it ended, otherwise 0."}
---
-- As in mrr_metrics: a start on day d counts from d on, an end on day d no longer at the end of d.
WITH spans AS (
  SELECT
    tenant_id,
    id,
    customer_id,
    plan,
    monthly_amount,
    trunc(to_date(started_at), 'MM') AS first_month,
    CASE
      WHEN to_date(cancelled_at) <= ${as_of_date}
        THEN trunc(greatest(to_date(cancelled_at), to_date(started_at)), 'MM')
    END AS end_month
  FROM silver.subscription
  WHERE to_date(started_at) <= ${as_of_date}
    AND (status = 'active' OR status = 'cancelled' AND cancelled_at IS NOT NULL)
),
months AS (
  SELECT
    *,
    explode(
      sequence(first_month, coalesce(end_month, trunc(${as_of_date}, 'MM')), INTERVAL 1 MONTH)
    ) AS dt_month
  FROM spans
)
SELECT
  tenant_id,
  id AS subscription_id,
  dt_month,
  customer_id,
  plan,
  NOT dt_month <=> end_month AS is_active,
  CAST(CASE WHEN dt_month <=> end_month THEN 0 ELSE monthly_amount END AS decimal(18, 2)) AS mrr,
  CAST(
    CASE WHEN dt_month = first_month THEN monthly_amount ELSE 0 END AS decimal(18, 2)
  ) AS new_mrr,
  CAST(
    CASE WHEN dt_month <=> end_month THEN monthly_amount ELSE 0 END AS decimal(18, 2)
  ) AS churned_mrr
FROM months
