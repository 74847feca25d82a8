# Makes a role that owns one schema; may be run again, and then sets the password anew. PGHOST and the like say where.
set -euo pipefail

make_role() {
  psql -X -q -v ON_ERROR_STOP=1 -v role="$1" -v password="$2" -v schema="$3" <<'SQL'
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'role', :'password') \gexec
SELECT format('GRANT %I TO %I', :'role', current_user) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'role') \gexec
SELECT format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', :'schema', :'role') \gexec
SELECT format('ALTER ROLE %I SET search_path = %I', :'role', :'schema') \gexec
SQL
  echo "role $1 owns schema $3"
}
