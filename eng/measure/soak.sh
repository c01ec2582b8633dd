#!/usr/bin/env bash
# 15 minutes of open-loop load at half of capacity: failures, latency, resident memory
set -euo pipefail
seconds=${1:-900}
export Serving__DefaultModel=kuairand Serving__GrpcPort=18500 Serving__HttpPort=18501 Logging__LogLevel__Default=Warning
for project in src/Pantheon.Serving tests/Pantheon.Load; do
  dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary >&2
done
artifacts/bin/Pantheon.Serving/release/Pantheon.Serving >&2 &
server=$!
trap 'kill -TERM $server 2>/dev/null || true; wait $server || true' EXIT
# The probe is the service's own; it answers as soon as the service is ready.
until artifacts/bin/Pantheon.Serving/release/Pantheon.Serving --health-check >/dev/null 2>&1; do
  kill -0 $server || { echo "soak: the service ended" >&2; exit 1; }
done
echo '```'
artifacts/bin/Pantheon.Load/release/Pantheon.Load --target 127.0.0.1:18500 --pid $server --seconds "$seconds" --warm-up 25 --timeout-ms 2000
echo '```'
