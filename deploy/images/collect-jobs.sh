#!/usr/bin/env bash
# Gathers what Spark's jobs run from: their classes and libraries, and the argument file of Java
# that names them where they will lie. On the build machine they lie in Maven's repository.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: deploy/images/collect-jobs.sh TO [AS]

  TO   directory that is filled: lib/, classes/, jobs.args
  AS   where that directory will lie in the image (default: TO)

Needs a built project. May be run again; it fills the directory anew.
USAGE
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  "") usage >&2; exit 2 ;;
esac

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
to="$1"
as="${2:-$1}"
arguments="$root/transform-service/jobs/target/jobs.args"
[ -s "$arguments" ] || { printf 'The jobs are not built: there is no %s.\n' "$arguments" >&2; exit 1; }

mkdir -p "$to"
rm -rf "$to/lib" "$to/classes" "$to/jobs.args"
mkdir -p "$to/lib" "$to/classes"
: >"$to/jobs.args"

n=0
while IFS= read -r line; do
  case "$line" in
    \"*.jar*\" | \"*classes*\")
      path=""
      IFS=: read -ra entries <<<"${line//\"/}"
      for entry in "${entries[@]}"; do
        if [ -d "$entry" ]; then
          cp -a "$entry/." "$to/classes/"
          path="$path${path:+:}$as/classes"
        else
          # Two libraries may have one name, so each file gets a number; the order is the class path's.
          n=$((n + 1))
          name="$(printf '%03d-%s' "$n" "$(basename "$entry")")"
          cp "$entry" "$to/lib/$name"
          path="$path${path:+:}$as/lib/$name"
        fi
      done
      printf '"%s"\n' "$path" >>"$to/jobs.args"
      ;;
    *) printf '%s\n' "$line" >>"$to/jobs.args" ;;
  esac
done <"$arguments"
[ "$n" -gt 0 ] || { printf '%s names no library.\n' "$arguments" >&2; exit 1; }
printf '%s libraries in %s\n' "$n" "$to"
