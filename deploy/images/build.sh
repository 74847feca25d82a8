#!/usr/bin/env bash
# Builds the images of the services, and pushes them if told to.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: deploy/images/build.sh [options] [SERVICE...]

  SERVICE               ingest-service, transform-service, query-gateway, governance-service (all)
  --tag TAG             tag of the images (default: dev)
  --repository PREFIX   in front of /<service> (default: lakegate), such as
                        123456789012.dkr.ecr.eu-central-1.amazonaws.com/lakehouse-poc
  --platform LIST       platforms, such as linux/arm64 (default: this machine's). The AOT cache is
                        trained on the platform itself: build on a machine of that kind, or wait.
  --native              native executables instead of Java 25 with an AOT cache
  --push                push, with a list of contents (SBOM) and provenance
  --rds-ca-sha256 SUM   checksum that the certificates of RDS must have

Needs Docker with buildx. May be run again: nothing is built twice.
USAGE
}

tag=dev
repository=lakegate
platform=
target=service
push=
ca=
services=()
need() { [ $# -ge 2 ] && [ -n "$2" ] || { printf '%s needs a value.\n' "$1" >&2; exit 2; }; }
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help) usage; exit 0 ;;
    --tag) need "$@"; tag="$2"; shift ;;
    --repository) need "$@"; repository="${2%/}"; shift ;;
    --platform) need "$@"; platform="$2"; shift ;;
    --rds-ca-sha256) need "$@"; ca="$2"; shift ;;
    --native) target=native ;;
    --push) push=true ;;
    ingest-service | transform-service | query-gateway | governance-service) services+=("$1") ;;
    *) printf 'Unknown: %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
[ ${#services[@]} -gt 0 ] || services=(ingest-service transform-service query-gateway governance-service)

# What is pushed trusts a list of authorities that somebody has looked at.
if [ -n "$push" ] && [ -z "$ca" ]; then
  printf -- '--push needs --rds-ca-sha256: the checksum of https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem\n' >&2
  exit 2
fi

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
docker buildx version >/dev/null 2>&1 || {
  printf 'Docker with buildx is needed, see https://docs.docker.com/build/\n' >&2
  exit 1
}

port() {
  case "$1" in
    query-gateway) echo 8080 ;;
    ingest-service) echo 8081 ;;
    transform-service) echo 8082 ;;
    governance-service) echo 8083 ;;
  esac
}

version="$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' pom.xml | head -1)"
revision="$(git rev-parse HEAD 2>/dev/null || echo unknown)"
created="$(git log -1 --format=%cI 2>/dev/null || echo 1970-01-01T00:00:00Z)"
for service in "${services[@]}"; do
  spark=none
  if [ "$service" = transform-service ]; then
    [ "$target" = service ] || { printf 'transform-service starts Spark and has no native image; left out.\n' >&2; continue; }
    spark=transform-service
  fi
  options=(--file deploy/images/Dockerfile --target "$target"
    --build-arg "SERVICE=$service" --build-arg "PORT=$(port "$service")" --build-arg "SPARK_JAVA=$spark"
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$created"
    --build-arg "RDS_CA_SHA256=$ca" --tag "$repository/$service:$tag")
  [ -z "$platform" ] || options+=(--platform "$platform")
  if [ -n "$push" ]; then
    options+=(--push --sbom=true --provenance=true)
  else
    options+=(--load)
  fi
  printf '== %s/%s:%s\n' "$repository" "$service" "$tag"
  docker buildx build "${options[@]}" .
done
