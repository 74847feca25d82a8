#!/usr/bin/env bash
# Starts an image as strictly as it is meant to run (read-only, no rights, no network) and without
# settings. A service that works refuses to start and names what it lacks.
set -euo pipefail

case "${1:-}" in
  -h | --help) printf 'Usage: deploy/images/smoke.sh IMAGE\n'; exit 0 ;;
  "") printf 'Usage: deploy/images/smoke.sh IMAGE\n' >&2; exit 2 ;;
esac

user="$(docker image inspect --format '{{.Config.User}}' "$1")"
case "$user" in
  "" | 0 | 0:* | root | root:*) printf '%s runs as the superuser.\n' "$1" >&2; exit 1 ;;
esac

log="$(mktemp)"
trap 'rm -f "$log"' EXIT
# AOTMode=on: a cache that cannot be used is an error instead of a slow start.
timeout 120 docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges \
  --tmpfs /tmp:exec --tmpfs /work:uid=10001,gid=10001 --memory 512m \
  --env JAVA_OPTIONS=-XX:AOTMode=on "$1" >"$log" 2>&1 && code=0 || code=$?
if [ "$code" = 0 ] || ! grep -q 'lakegate.identity.issuer: is not set' "$log"; then
  printf '%s did not name what it lacks (exit code %s):\n' "$1" "$code" >&2
  tail -40 "$log" >&2
  exit 1
fi
printf '%s starts.\n' "$1"
