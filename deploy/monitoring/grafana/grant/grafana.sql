-- What Grafana's dashboard of tenants reads: who asked, how much, and what was refused. Statements
-- and their parameters hold values of tenants' rows and stay in the audit: whoever may look at a
-- dashboard in Grafana may send any SQL to its data source. May be run again.
BEGIN;
CREATE SCHEMA IF NOT EXISTS dashboards;
CREATE OR REPLACE VIEW dashboards.queries AS
SELECT
  at,
  subject,
  outcome,
  coalesce(
    (SELECT string_agg(t, ', ' ORDER BY t) FROM json_array_elements_text(document #> '{principal,tenants}') t),
    '(all)') AS tenants,
  document ->> 'reason' AS reason,
  left(document ->> 'object', 200) AS object,
  (document #>> '{details,rows}')::bigint AS rows,
  (document #>> '{details,elapsedMillis}')::bigint AS elapsed_millis
FROM governance.audit_event
WHERE type = 'query';
GRANT USAGE ON SCHEMA dashboards TO grafana;
GRANT SELECT ON dashboards.queries TO grafana;
COMMIT;
