---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: dim_tenant
scope: tenant
description: Tenants as they are now.
grain: [tenant_id]
inputs: [silver.tenant]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id]
incremental:
  by: [tenant_id]
  inputs:
    silver.tenant: {columns: {tenant_id: tenant_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: name, type: varchar, nullable: false, description: Display name.}
  - {name: plan, type: varchar, nullable: false, description: Plan the tenant is on.}
  - {name: created_at, type: timestamp(6) with time zone, nullable: false, description: When the tenant was created.}
---
SELECT tenant_id, name, plan, created_at
FROM silver.tenant
