#!/usr/bin/env bash
# Installs the gRPC clients and servers that are not ours and that the tests hold ours against: Debian's grpcio for
# Python, npm's @grpc/grpc-js; the judges of our ONNX, metrics and compose files: python3-onnx, promtool, docker-compose; and the
# PostgreSQL that the tests start. Fast when they are there. Tests call it too; a lock keeps two calls apart.
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
if [[ ${#missing[@]} -gt 0 ]]; then
  echo "foreign: installing ${missing[*]}" >&2
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi

node=tests/Pantheon.Grpc.Tests/node
if [[ ! -f $node/node_modules/.package-lock.json || $node/package-lock.json -nt $node/node_modules/.package-lock.json ]]; then
  echo "foreign: restoring @grpc/grpc-js from the npm registry" >&2
  (cd "$node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  touch "$node/node_modules/.package-lock.json"
fi
