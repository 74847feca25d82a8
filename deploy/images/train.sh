#!/usr/bin/env bash
# Trains the services for the AOT cache of Java 25: starts all of Lakegate with its sample source,
# asks what users ask, stops it, and makes a cache of what each service loaded.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: deploy/images/train.sh JAVA_HOME TO

  JAVA_HOME   of the Java 25 that will run the services; a cache serves the very same build only
  TO          directory for <service>.aot

Needs a project that was built with -Dquarkus.package.jar.type=aot-jar. May be run again.
USAGE
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
esac
[ $# -eq 2 ] || { usage >&2; exit 2; }

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
java="$1/bin/java"
to="$2"
services=(governance-service ingest-service transform-service query-gateway)
# Of the options of the image those that a cache depends on.
options=(-Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m)

[ -x "$java" ] || { printf '%s is no program.\n' "$java" >&2; exit 1; }
for service in "${services[@]}"; do
  [ -s "$root/$service/target/quarkus-app/quarkus-run.jar" ] ||
    { printf '%s is not built.\n' "$service" >&2; exit 1; }
done

mkdir -p "$to"
to="$(cd "$to" && pwd)"
data="$(mktemp -d)"
export LAKEGATE_BUILD=never
lakegate() { "$root/lakegate" "$@" --data "$data/data"; }
clean() {
  lakegate down >/dev/null 2>&1 || true
  rm -rf "$data"
}
trap clean EXIT

LAKEGATE_SERVICE_JAVA="$java" \
  LAKEGATE_SERVICE_JAVA_OPTIONS="-XX:AOTMode=record -XX:AOTConfiguration=$to/{service}.aotconf" \
  "$root/lakegate" up --detach --traffic 5 --data "$data/data"
# What is asked for here is loaded from the cache later, and need not be looked up again.
for user in analyst analyst@tenant-1 engineer admin; do
  for sql in \
    'SHOW TABLES FROM gold' \
    'SELECT dt, sum(revenue) FROM gold.revenue_metrics GROUP BY dt ORDER BY dt DESC LIMIT 10' \
    'SELECT count(*) FROM silver."order"' \
    'SELECT 1 / 0'; do
    # A refusal is worth training for, too.
    lakegate sql -u "$user" "$sql" >/dev/null 2>&1 || true
  done
done
lakegate status >/dev/null
lakegate down

for service in "${services[@]}"; do
  rm -f "$to/$service.aot"
  "$java" "${options[@]}" -XX:AOTMode=create -XX:AOTConfiguration="$to/$service.aotconf" \
    -XX:AOTCache="$to/$service.aot" -jar "$root/$service/target/quarkus-app/quarkus-run.jar" \
    >"$data/create.log" 2>&1 || { tail -20 "$data/create.log" >&2; exit 1; }
  [ -s "$to/$service.aot" ] || { tail -20 "$data/create.log" >&2; exit 1; }
  rm -f "$to/$service.aotconf"
  printf '%s: %s MB\n' "$service.aot" "$(($(stat -c %s "$to/$service.aot") / 1000000))"
done
