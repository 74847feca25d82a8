---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: customer_retention
scope: tenant
description: "Cohorts of customers by the UTC month of their first completed order, and how many of each ordered again in every month after it."
grain: [tenant_id, cohort_month, month_number]
inputs: [silver.order]
time_columns: [dt_month]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id]
  inputs:
    silver.order: {columns: {tenant_id: tenant_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: cohort_month, type: date, nullable: false, description: First day of the month of the customers' first completed order.}
  - {name: month_number, type: integer, nullable: false, description: "Months since cohort_month, 0 to 119; up to the tenant's last month with a completed order."}
  - {name: dt_month, type: date, nullable: false, description: First day of the month that the row is of.}
  - {name: cohort_customers, type: bigint, nullable: false, description: Customers of the cohort.}
  - {name: retained_customers, type: bigint, nullable: false, description: Those of them with a completed order in dt_month.}
  - {name: retention_rate, type: "decimal(18,4)", nullable: false, description: "retained_customers per cohort_customers, rounded half up."}
  - {name: revenue, type: "decimal(18,2)", nullable: false, description: Sum of the totals of their completed orders in dt_month.}
expectations:
  - {name: no_more_stay_than_came, kind: sql, expression: retained_customers <= cohort_customers, severity: block, description: Who is retained is of the cohort.}
---
WITH bought AS (
  SELECT
    tenant_id,
    customer_id,
    trunc(to_date(order_date), 'MM') AS dt_month,
    sum(total) AS revenue
  FROM silver.order
  WHERE status = 'completed'
  GROUP BY tenant_id, customer_id, trunc(to_date(order_date), 'MM')
),
placed AS (
  SELECT
    tenant_id,
    dt_month,
    revenue,
    min(dt_month) OVER (PARTITION BY tenant_id, customer_id) AS cohort_month
  FROM bought
),
counted AS (
  SELECT tenant_id, cohort_month, dt_month, count(*) AS customers, sum(revenue) AS revenue
  FROM placed
  GROUP BY tenant_id, cohort_month, dt_month
),
-- Every customer of a cohort ordered in its first month, so that month's customers are the cohort.
-- The bound keeps an order of a mistaken year from making a row for each month until then.
months AS (
  SELECT
    c.tenant_id,
    c.cohort_month,
    c.customers,
    explode(
      sequence(
        c.cohort_month,
        least(l.last_month, add_months(c.cohort_month, 119)),
        INTERVAL 1 MONTH)) AS dt_month
  FROM counted c
  JOIN (SELECT tenant_id, max(dt_month) AS last_month FROM counted GROUP BY tenant_id) l
    ON l.tenant_id = c.tenant_id
  WHERE c.dt_month = c.cohort_month
)
SELECT
  m.tenant_id,
  m.cohort_month,
  CAST(months_between(m.dt_month, m.cohort_month) AS int) AS month_number,
  m.dt_month,
  m.customers AS cohort_customers,
  coalesce(c.customers, 0) AS retained_customers,
  CAST(
    round(CAST(coalesce(c.customers, 0) AS decimal(18, 0)) / m.customers, 4) AS decimal(18, 4)
  ) AS retention_rate,
  CAST(coalesce(c.revenue, 0) AS decimal(18, 2)) AS revenue
FROM months m
LEFT JOIN counted c
  ON c.tenant_id = m.tenant_id AND c.cohort_month = m.cohort_month AND c.dt_month = m.dt_month
