-- What Grafana's dashboard of tenants reads: the audit, and nothing else. May be run again.
GRANT USAGE ON SCHEMA governance TO grafana;
GRANT SELECT ON governance.audit_event TO grafana;
