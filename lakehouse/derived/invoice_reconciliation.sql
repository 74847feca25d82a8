---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: invoice_reconciliation
scope: tenant
description: "What is paid of each invoice, and what is overdue as of the UTC day."
grain: [tenant_id, invoice_id]
inputs: [silver.invoice]
time_columns: [due_date]
clock: utc_day
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, invoice_id]
  inputs:
    silver.invoice: {columns: {tenant_id: tenant_id, invoice_id: id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: invoice_id, type: bigint, nullable: false, description: Key of the invoice.}
  - {name: status, type: varchar, nullable: false, description: Status as the source has it.}
  - {name: payment_state, type: varchar, nullable: false, description: "not_due (draft, void, uncollectible), over_paid, paid, overdue, partly_paid or open; the first that holds."}
  - {name: amount_due, type: "decimal(12,2)", nullable: false, description: What is to be paid.}
  - {name: amount_paid, type: "decimal(12,2)", nullable: false, description: What has been paid.}
  - {name: outstanding, type: "decimal(12,2)", nullable: false, description: "What is still to be paid; 0 of an invoice that is not due, and never less than 0."}
  - {name: due_date, type: date, nullable: false, description: Last day to pay.}
  - {name: days_overdue, type: integer, nullable: false, description: "UTC days since due_date while something is outstanding, otherwise 0."}
  - {name: days_to_pay, type: integer, nullable: true, description: UTC days from issue to full payment; NULL before.}
---
WITH amounts AS (
  SELECT
    *,
    status IN ('draft', 'void', 'uncollectible') AS not_due,
    CAST(
      if(status IN ('draft', 'void', 'uncollectible'), 0, greatest(amount_due - amount_paid, 0))
      AS decimal(12, 2)) AS outstanding
  FROM silver.invoice
)
SELECT
  tenant_id,
  id AS invoice_id,
  status,
  CASE
    WHEN not_due THEN 'not_due'
    WHEN amount_paid > amount_due THEN 'over_paid'
    WHEN outstanding = 0 THEN 'paid'
    WHEN due_date < ${as_of_date} THEN 'overdue'
    WHEN amount_paid > 0 THEN 'partly_paid'
    ELSE 'open'
  END AS payment_state,
  amount_due,
  amount_paid,
  outstanding,
  due_date,
  if(outstanding > 0, greatest(datediff(${as_of_date}, due_date), 0), 0) AS days_overdue,
  datediff(to_date(paid_at), to_date(issued_at)) AS days_to_pay
FROM amounts
