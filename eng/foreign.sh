#!/usr/bin/env bash
# Installs the gRPC clients and servers that are not ours and that the tests hold ours against: Debian's grpcio for
# Python, npm's @grpc/grpc-js; the judges of our ONNX, metrics and compose files: python3-onnx, promtool, docker-compose; and the
# PostgreSQL, the proxy (haproxy) and the S3 server (npm's s3rver) that the tests start. Fast when they are there. Tests call it too; a lock keeps two calls apart.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p artifacts
exec 9> artifacts/foreign.lock
flock 9

# The python3 that sees Debian's packages; a plain `python3` may be another.
python() { "$(command -pv python3)" "$@"; }

missing=()
command -pv python3 >/dev/null && python -c 'import grpc' 2>/dev/null || missing+=(python3 python3-grpcio)
command -pv python3 >/dev/null && python -c 'import google.protobuf' 2>/dev/null || missing+=(python3-protobuf)
command -pv python3 >/dev/null && python -c 'import onnx, numpy' 2>/dev/null || missing+=(python3-onnx python3-numpy)
command -pv protoc >/dev/null || missing+=(protobuf-compiler)
command -pv grpc_python_plugin >/dev/null || missing+=(protobuf-compiler-grpc)
command -v node >/dev/null && command -v npm >/dev/null || missing+=(nodejs npm)
command -v promtool >/dev/null || missing+=(prometheus)
command -v docker-compose >/dev/null || missing+=(docker-compose)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v haproxy >/dev/null || [[ -x /usr/sbin/haproxy ]] || missing+=(haproxy)
if [[ ${#missing[@]} -gt 0 ]]; then
  echo "foreign: installing ${missing[*]}" >&2
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi

# restore FOLDER: what its lock file names, from the npm registry.
restore() {
  if [[ ! -f $1/node_modules/.package-lock.json || $1/package-lock.json -nt $1/node_modules/.package-lock.json ]]; then
    echo "foreign: restoring $1 from the npm registry" >&2
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
    touch "$1/node_modules/.package-lock.json"
  fi
}

restore tests/Pantheon.Grpc.Tests/node
restore tests/Pantheon.Rig/s3
