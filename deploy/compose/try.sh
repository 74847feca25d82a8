#!/usr/bin/env bash
# Starts everything in compose.yaml with passwords made for the occasion, asks as an analyst of one
# tenant, looks whether Prometheus and Grafana have what they need, and removes it all.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: deploy/compose/try.sh [--keep]

  --keep   leave it running, and keep .env

Needs Docker with compose, curl, openssl and the images (deploy/images/build.sh).
USAGE
}

keep=
case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  --keep) keep=true ;;
  "") ;;
  *) usage >&2; exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")"

made=
if [ ! -e .env ]; then
  made=true
  (umask 077 && sed -n 's/^\([A-Z_]*\)=$/\1/p' .env.example | while read -r name; do
    printf '%s=%s\n' "$name" "$(openssl rand -hex 24)"
  done >.env)
fi
end() {
  if [ -z "$keep" ]; then
    docker compose down --volumes --timeout 30 >/dev/null 2>&1 || true
    [ -z "$made" ] || rm -f .env
  fi
}
trap end EXIT
setting() { sed -n "s/^$1=//p" .env; }

docker compose up --detach --wait --wait-timeout 600 || { docker compose logs --tail 50; exit 1; }

token() {
  curl -sS --fail-with-body http://localhost:8180/realms/lakegate/protocol/openid-connect/token \
    -d grant_type=password -d client_id=lakegate-cli -d scope=openid -d username="$1" \
    --data-urlencode "password=$(setting DEMO_PASSWORD)" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
}
ask() {
  curl -sS http://localhost:8080/api/v1/queries -H "Authorization: Bearer $(token "$1")" \
    -H 'Content-Type: application/json' -d "{\"sql\": \"$2\", \"waitMillis\": 20000}"
}
until_true() {
  local what="$1" end=$((SECONDS + 300))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || { printf 'Not within five minutes: %s\n' "$what" >&2; docker compose logs --tail 50 >&2; exit 1; }
    sleep 2
  done
  printf 'ok: %s\n' "$what"
}

sees() { ask ann "SELECT count(*) AS n, min(tenant_id) AS a, max(tenant_id) AS z FROM gold.dim_customer" | grep -q '\[20,"tenant-1","tenant-1"\]'; }
refused() { ask ann 'SELECT * FROM silver.customer' | grep -q '"TABLE_NOT_READABLE"'; }
scraped() { [ "$(curl -sS 'http://localhost:9090/api/v1/query?query=sum(up)' | sed -n 's/.*,"\([0-9]*\)"\]}.*/\1/p')" = 4 ]; }
shown() { curl -sS -u "admin:$(setting GRAFANA_ADMIN_PASSWORD)" http://localhost:3000/api/search?type=dash-db | grep -q '"uid":"tenants"'; }

until_true "an analyst of one tenant sees its 20 customers, and no other's" sees
until_true "Silver is refused to them" refused
until_true "Prometheus reaches the four services" scraped
until_true "Grafana shows the dashboards" shown
