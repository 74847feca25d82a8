---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: customer_identity
scope: tenant
description: Which customers of a tenant share an e-mail address, and which of them stands for all.
grain: [tenant_id, customer_id]
inputs: [silver.customer]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, customer_id]
  inputs:
    silver.customer:
      columns: {tenant_id: tenant_id}
      keys: >-
        SELECT tenant_id, id AS customer_id FROM changed
        UNION ALL
        SELECT o.tenant_id, o.id AS customer_id FROM changed c
        JOIN silver.customer o
        ON o.tenant_id = c.tenant_id AND o.email_normalized = c.email_normalized
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: customer_id, type: bigint, nullable: false, description: Key of the customer.}
  - {name: email_normalized, type: varchar, nullable: true, pii: true, description: "Normalised e-mail address, as silver.customer has it; NULL when there is none."}
  - {name: customers_with_email, type: bigint, nullable: false, pii: false, description: "Customers of the tenant with this address, this one included; 1 without address."}
  - {name: is_duplicate, type: boolean, nullable: false, pii: false, description: Whether another customer stands for this one.}
  - {name: duplicate_of, type: bigint, nullable: true, pii: false, description: "Customer that stands for this one: the oldest with the address, of equally old ones the one with the lowest key. NULL when it is this one."}
---
WITH ranked AS (
  SELECT
    tenant_id,
    id,
    email_normalized AS email,
    count(*) OVER (PARTITION BY tenant_id, email_normalized) AS customers,
    first_value(id)
      OVER (PARTITION BY tenant_id, email_normalized ORDER BY created_at, id) AS survivor
  FROM silver.customer
)
SELECT
  tenant_id,
  id AS customer_id,
  email AS email_normalized,
  if(email IS NULL, 1L, customers) AS customers_with_email,
  email IS NOT NULL AND survivor <> id AS is_duplicate,
  if(email IS NOT NULL AND survivor <> id, survivor, NULL) AS duplicate_of
FROM ranked
