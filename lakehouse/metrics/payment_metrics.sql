---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: payment_metrics
scope: tenant
description: "Invoices per tenant and UTC day of issue: what was due, what came in and what is late as of a UTC day."
grain: [tenant_id, dt]
inputs: [silver.invoice]
time_columns: [dt]
clock: utc_day
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, dt]
  inputs:
    silver.invoice: {columns: {tenant_id: tenant_id, dt: to_date(issued_at)}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: dt, type: date, nullable: false, description: UTC date of issued_at.}
  - {name: as_of, type: date, nullable: false, description: UTC day as of which invoices are overdue.}
  - {name: invoices, type: bigint, nullable: false, description: "Invoices issued, without drafts and voided ones."}
  - {name: amount_due, type: "decimal(18,2)", nullable: false, description: What they ask for.}
  - {name: amount_paid, type: "decimal(18,2)", nullable: false, description: What has been paid of them.}
  - {name: collection_rate, type: "decimal(18,4)", nullable: true, description: "amount_paid per amount_due, rounded half up; NULL when nothing is due."}
  - {name: amount_outstanding, type: "decimal(18,2)", nullable: false, description: What is still to be paid of open invoices.}
  - {name: overdue_invoices, type: bigint, nullable: false, description: "Open invoices, not paid in full, whose last day to pay is before as_of."}
  - {name: amount_overdue, type: "decimal(18,2)", nullable: false, description: What is still to be paid of them.}
  - {name: uncollectible_invoices, type: bigint, nullable: false, description: Invoices given up as uncollectible.}
  - {name: amount_uncollectible, type: "decimal(18,2)", nullable: false, description: What was not paid of them.}
  - {name: voided_invoices, type: bigint, nullable: false, description: Voided invoices; in no other column.}
  - {name: paid_invoices, type: bigint, nullable: false, description: Invoices of status paid.}
  - {name: dated_payments, type: bigint, nullable: false, description: Those of them that say when they were paid.}
  - {name: days_to_pay, type: bigint, nullable: false, description: "UTC days from issue to payment, summed over dated_payments."}
  - {name: avg_days_to_pay, type: "decimal(18,2)", nullable: true, description: "days_to_pay per dated payment, rounded half up; NULL without any."}
expectations:
  - {name: paid_at_most_due, kind: sql, expression: amount_paid <= amount_due, severity: flag, description: No more was paid than was due.}
---
WITH issued AS (
  SELECT
    tenant_id,
    to_date(issued_at) AS dt,
    status,
    amount_due,
    amount_paid,
    greatest(amount_due - amount_paid, CAST(0 AS decimal(13, 2))) AS unpaid,
    due_date,
    CASE
      WHEN status = 'paid' THEN datediff(to_date(paid_at), to_date(issued_at))
    END AS days_to_pay
  FROM silver.invoice
  WHERE status <> 'draft'
),
daily AS (
  SELECT
    tenant_id,
    dt,
    count_if(status <> 'void') AS invoices,
    sum(CASE WHEN status <> 'void' THEN amount_due ELSE 0 END) AS amount_due,
    sum(CASE WHEN status <> 'void' THEN amount_paid ELSE 0 END) AS amount_paid,
    sum(CASE WHEN status = 'open' THEN unpaid ELSE 0 END) AS amount_outstanding,
    count_if(status = 'open' AND unpaid > 0 AND due_date < ${as_of_date}) AS overdue_invoices,
    sum(
      CASE WHEN status = 'open' AND due_date < ${as_of_date} THEN unpaid ELSE 0 END
    ) AS amount_overdue,
    count_if(status = 'uncollectible') AS uncollectible_invoices,
    sum(CASE WHEN status = 'uncollectible' THEN unpaid ELSE 0 END) AS amount_uncollectible,
    count_if(status = 'void') AS voided_invoices,
    count_if(status = 'paid') AS paid_invoices,
    count(days_to_pay) AS dated_payments,
    coalesce(sum(days_to_pay), 0) AS days_to_pay
  FROM issued
  GROUP BY tenant_id, dt
)
SELECT
  tenant_id,
  dt,
  ${as_of_date} AS as_of,
  invoices,
  CAST(amount_due AS decimal(18, 2)) AS amount_due,
  CAST(amount_paid AS decimal(18, 2)) AS amount_paid,
  CAST(round(amount_paid / nullif(amount_due, 0), 4) AS decimal(18, 4)) AS collection_rate,
  CAST(amount_outstanding AS decimal(18, 2)) AS amount_outstanding,
  overdue_invoices,
  CAST(amount_overdue AS decimal(18, 2)) AS amount_overdue,
  uncollectible_invoices,
  CAST(amount_uncollectible AS decimal(18, 2)) AS amount_uncollectible,
  voided_invoices,
  paid_invoices,
  dated_payments,
  days_to_pay,
  CAST(
    round(CAST(days_to_pay AS decimal(18, 0)) / nullif(dated_payments, 0), 2) AS decimal(18, 2)
  ) AS avg_days_to_pay
FROM daily
