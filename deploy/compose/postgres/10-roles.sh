#!/bin/bash
# Roles of the control database, each owning a schema, and the sample source beside it. PostgreSQL
# runs this once, when its data directory is new.
set -euo pipefail

psql -X -q -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d lakegate \
  -v ingest="$INGEST_DATABASE_PASSWORD" -v transform="$TRANSFORM_DATABASE_PASSWORD" \
  -v governance="$GOVERNANCE_DATABASE_PASSWORD" -v grafana="$GRAFANA_DATABASE_PASSWORD" -v source="$SOURCE_PASSWORD" <<'SQL'
-- A password each: whoever reads one service's environment is not another service.
CREATE ROLE ingest LOGIN PASSWORD :'ingest';
CREATE ROLE transform LOGIN PASSWORD :'transform';
CREATE ROLE governance LOGIN PASSWORD :'governance';
SELECT format('CREATE SCHEMA %I AUTHORIZATION %I', role, role) FROM unnest(ARRAY['ingest', 'transform', 'governance']) role \gexec
SELECT format('ALTER ROLE %I SET search_path = %I', role, role) FROM unnest(ARRAY['ingest', 'transform', 'governance']) role \gexec
CREATE ROLE grafana LOGIN PASSWORD :'grafana' CONNECTION LIMIT 5;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '30s';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE ROLE shop LOGIN REPLICATION PASSWORD :'source';
CREATE DATABASE app OWNER shop;
SQL

psql -X -q -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d app <<'SQL'
ALTER SCHEMA public OWNER TO shop;
SET ROLE shop;
\i /sample/core_schema.sql
\i /docker-entrypoint-initdb.d/sample/rows.sql
SQL
