---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: dim_customer
scope: tenant
description: Customers of each tenant as they are now.
grain: [tenant_id, customer_id]
inputs: [silver.customer]
time_columns: [created_at]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id, customer_id]
  inputs:
    silver.customer: {columns: {tenant_id: tenant_id, customer_id: id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: customer_id, type: bigint, nullable: false, description: Key of the customer.}
  - {name: email, type: varchar, nullable: false, pii: true, description: E-mail address.}
  - {name: phone, type: varchar, nullable: true, pii: true, description: Phone number as entered.}
  - {name: first_name, type: varchar, nullable: false, pii: true, description: Given name.}
  - {name: last_name, type: varchar, nullable: false, pii: true, description: Family name.}
  - {name: status, type: varchar, nullable: false, description: "active, inactive and the like."}
  - {name: created_at, type: timestamp(6) with time zone, nullable: false, description: When the customer was created.}
  - {name: updated_at, type: timestamp(6) with time zone, nullable: false, description: When the customer was last changed.}
expectations:
  - {name: has_email, kind: sql, expression: "trim(email) <> ''", severity: flag, description: There is an e-mail address.}
---
SELECT
  tenant_id,
  id AS customer_id,
  email,
  phone,
  first_name,
  last_name,
  status,
  created_at,
  updated_at
FROM silver.customer
