#!/usr/bin/env bash
# Sets up, builds, starts the service, ranks the candidates of models/NAME/request.json and prints the best; keeps
# serving until Ctrl-C. Settings go through as environment variables, such as Serving__GrpcPort=9000 (docs/configuration.md).
set -euo pipefail

usage() { echo "usage: ./run.sh [--once] [--model NAME] [--top-k N]" >&2; exit 2; }

once=no model=kuairand top_k=10
while [[ $# -gt 0 ]]; do
  case "$1" in
    --once) once=yes; shift ;;
    --model) model=${2:?"$(usage)"}; shift 2 ;;
    --top-k) top_k=${2:?"$(usage)"}; shift 2 ;;
    *) usage ;;
  esac
done

cd "$(dirname "$0")"
request=models/$model/request.json
[[ -f $request ]] || { echo "run: $request: no such file; expected a RankRequest as JSON for model '$model'" >&2; exit 1; }

eng/setup.sh
echo "run: building" >&2
log=$(mktemp)
for project in Pantheon.Serving Pantheon.Cli; do
  dotnet build "src/$project" -c Release --nologo -v quiet -clp:NoSummary > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
done
rm -f "$log"

export Serving__DefaultModel=${Serving__DefaultModel:-$model}
# Warnings and errors only: the table is what people came for. Set Logging__LogLevel__Default to see more.
export Logging__LogLevel__Default=${Logging__LogLevel__Default:-Warning}
address=${Serving__GrpcAddress:-127.0.0.1} port=${Serving__GrpcPort:-8500}
[[ $address == 0.0.0.0 ]] && address=127.0.0.1

artifacts/bin/Pantheon.Serving/release/Pantheon.Serving &
server=$!
rank=
stop() {
  if [[ -n $rank ]]; then kill "$rank" 2>/dev/null || true; fi
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" || true
}
trap 'stop; exit 0' INT TERM

artifacts/bin/Pantheon.Cli/release/pantheon rank --request "$request" --top-k "$top_k" --model "$model" --target "$address:$port" --wait 60 &
rank=$!
# Whichever ends first: a service that cannot start must not leave us waiting for it.
code=0; wait -n -p ended "$server" "$rank" || code=$?
if [[ $ended == "$server" ]]; then
  kill "$rank" 2>/dev/null || true
  echo "run: the service ended with exit code $code" >&2
  exit $(( code == 0 ? 1 : code ))
fi
if [[ $code != 0 || $once == yes ]]; then
  stop
  exit "$code"
fi

echo
echo "Serving '$model': gRPC on $address:$port, health and metrics on http://${Serving__HttpAddress:-127.0.0.1}:${Serving__HttpPort:-8501}. Ctrl-C stops it."
wait "$server"
