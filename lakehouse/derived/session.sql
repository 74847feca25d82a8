---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: session
scope: tenant
description: "Visits: events of one browser session without a pause of more than 30 minutes."
grain: [tenant_id, session_id, session_number]
inputs: [silver.event]
time_columns: [started_at]
clock: none
tenant_column: tenant_id
partition_by: [tenant_id, started_month]
incremental:
  by: [tenant_id, session_id]
  inputs:
    silver.event: {columns: {tenant_id: tenant_id, session_id: session_id}}
columns:
  - {name: tenant_id, type: varchar, nullable: false, description: Tenant.}
  - {name: session_id, type: varchar, nullable: false, description: Browser session as the events name it.}
  - {name: session_number, type: integer, nullable: false, description: "Number of the visit within the browser session, from 1."}
  - {name: started_at, type: timestamp(6) with time zone, nullable: false, description: First event.}
  - {name: ended_at, type: timestamp(6) with time zone, nullable: false, description: Last event.}
  - {name: duration_seconds, type: bigint, nullable: false, description: "From the first event to the last, whole seconds."}
  - {name: events, type: bigint, nullable: false, description: Events.}
  - {name: pages, type: bigint, nullable: false, description: Events of type page_view.}
  - {name: converted, type: boolean, nullable: false, description: Whether there is an event of type purchase.}
  - {name: customer_id, type: bigint, nullable: true, description: Customer that the first event names that names one; NULL when anonymous.}
  - {name: started_month, type: date, nullable: false, description: First day of the month of started_at.}
---
WITH marked AS (
  SELECT
    tenant_id,
    session_id,
    id,
    event_type,
    customer_id,
    created_at,
    coalesce(
      unix_micros(created_at)
        - lag(unix_micros(created_at))
          OVER (PARTITION BY tenant_id, session_id ORDER BY created_at, id)
      > 30 * 60 * 1000000L,
      true) AS begins
  FROM silver.event
),
numbered AS (
  SELECT
    *,
    CAST(
      sum(CAST(begins AS int))
        OVER (PARTITION BY tenant_id, session_id ORDER BY created_at, id ROWS UNBOUNDED PRECEDING)
      AS int) AS session_number
  FROM marked
)
SELECT
  tenant_id,
  session_id,
  session_number,
  min(created_at) AS started_at,
  max(created_at) AS ended_at,
  (unix_micros(max(created_at)) - unix_micros(min(created_at))) DIV 1000000 AS duration_seconds,
  count(*) AS events,
  count_if(event_type = 'page_view') AS pages,
  bool_or(event_type = 'purchase') AS converted,
  min(struct(created_at, id, customer_id)) FILTER (WHERE customer_id IS NOT NULL).customer_id
    AS customer_id,
  trunc(to_date(min(created_at)), 'MM') AS started_month
FROM numbered
GROUP BY tenant_id, session_id, session_number
