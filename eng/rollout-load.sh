# Sourced by the measurements of rollouts: three versions of the demo model, and load ARG... with a service on them and the load generator.
export Serving__GrpcPort=18500 Serving__HttpPort=18501 Logging__LogLevel__Default=Warning
for project in src/Pantheon.Serving src/Pantheon.Cli tests/Pantheon.Load; do
  dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary >&2
done
folder=$(mktemp -d)
export Serving__ModelRepository=$folder/models
for _ in 1 2 3; do
  artifacts/bin/Pantheon.Cli/release/pantheon models publish models/kuairand --repository "$folder/models" >&2
done
# One request, always the same: whoever it is, a version that is on trial is not what is measured here.
server=0
trap 'kill -TERM $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT
load() {
  # What one part declared is not what the next begins with.
  rm -f "$folder/models/kuairand/traffic.json"
  artifacts/bin/Pantheon.Serving/release/Pantheon.Serving >&2 &
  server=$!
  until artifacts/bin/Pantheon.Serving/release/Pantheon.Serving --health-check >/dev/null 2>&1; do
    kill -0 $server || { echo "the service ended" >&2; exit 1; }
  done
  echo '```'
  artifacts/bin/Pantheon.Load/release/Pantheon.Load --target 127.0.0.1:18500 --model kuairand --pid $server --timeout-ms 2000 "$@" || failed=1
  echo '```'
  kill -TERM $server
  wait $server || true
}
failed=0
