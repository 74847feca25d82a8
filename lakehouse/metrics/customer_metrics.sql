---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: customer_metrics
scope: tenant
description: "Customers of each tenant as of a UTC day: how many, how new, what they are worth and how many left."
grain: [tenant_id]
inputs: [silver.customer, gold.customer_ltv]
clock: utc_day
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id]
  inputs:
    silver.customer: {columns: {tenant_id: tenant_id}}
    gold.customer_ltv: {columns: {tenant_id: tenant_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: dt, type: date, nullable: false, description: UTC day that the row is of; earlier days are read by time travel.}
  - {name: total_customers, type: bigint, nullable: false, description: Customers.}
  - {name: new_customers_30d, type: bigint, nullable: false, description: "Customers created on one of the 30 UTC days before dt, or since."}
  - {name: active_customers, type: bigint, nullable: false, description: Customers of status active.}
  - {name: inactive_customers, type: bigint, nullable: false, description: Customers of status inactive.}
  - {name: churned_customers, type: bigint, nullable: false, description: Customers of status churned.}
  - {name: blocked_customers, type: bigint, nullable: false, description: Customers of status blocked.}
  - {name: churn_rate, type: "decimal(18,4)", nullable: false, description: "churned_customers per total_customers, rounded half up."}
  - {name: buying_customers, type: bigint, nullable: false, description: Customers with a completed order.}
  - {name: repeat_customers, type: bigint, nullable: false, description: Customers with at least two completed orders.}
  - {name: repeat_rate, type: "decimal(18,4)", nullable: true, description: "repeat_customers per buying_customers, rounded half up; NULL without buyers."}
  - {name: lapsed_customers, type: bigint, nullable: false, description: Buying customers whose last completed order is more than 90 days before dt.}
  - {name: lifetime_value, type: "decimal(18,2)", nullable: false, description: Sum of the totals of the customers' completed orders.}
  - {name: avg_lifetime_value, type: "decimal(18,2)", nullable: false, description: "lifetime_value per customer, rounded half up."}
  - {name: avg_buyer_lifetime_value, type: "decimal(18,2)", nullable: true, description: "lifetime_value per buying customer, rounded half up; NULL without buyers."}
expectations:
  - {name: churn_rate_is_part, kind: range, columns: [churn_rate], min: "0", max: "1", severity: block, description: The rate is a part of all customers.}
---
WITH counted AS (
  SELECT
    c.tenant_id,
    count(*) AS total_customers,
    count_if(to_date(c.created_at) >= date_sub(${as_of_date}, 30)) AS new_customers_30d,
    count_if(c.status = 'active') AS active_customers,
    count_if(c.status = 'inactive') AS inactive_customers,
    count_if(c.status = 'churned') AS churned_customers,
    count_if(c.status = 'blocked') AS blocked_customers,
    count_if(l.order_count > 0) AS buying_customers,
    count_if(l.order_count > 1) AS repeat_customers,
    count_if(l.last_order_on < date_sub(${as_of_date}, 90)) AS lapsed_customers,
    coalesce(sum(l.lifetime_value), 0) AS lifetime_value
  FROM silver.customer c
  LEFT JOIN gold.customer_ltv l ON l.tenant_id = c.tenant_id AND l.customer_id = c.id
  GROUP BY c.tenant_id
)
SELECT
  tenant_id,
  ${as_of_date} AS dt,
  total_customers,
  new_customers_30d,
  active_customers,
  inactive_customers,
  churned_customers,
  blocked_customers,
  CAST(
    round(CAST(churned_customers AS decimal(18, 0)) / total_customers, 4) AS decimal(18, 4)
  ) AS churn_rate,
  buying_customers,
  repeat_customers,
  CAST(
    round(CAST(repeat_customers AS decimal(18, 0)) / nullif(buying_customers, 0), 4)
    AS decimal(18, 4)
  ) AS repeat_rate,
  lapsed_customers,
  CAST(lifetime_value AS decimal(18, 2)) AS lifetime_value,
  CAST(round(lifetime_value / total_customers, 2) AS decimal(18, 2)) AS avg_lifetime_value,
  CAST(
    round(lifetime_value / nullif(buying_customers, 0), 2) AS decimal(18, 2)
  ) AS avg_buyer_lifetime_value
FROM counted
