#!/usr/bin/env bash
# Fuzz: 1,000,000 mutated messages against the decoder, 100,000 through the real server
#   ./measure.sh fuzz [DECODER [WIRE [SEED]]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export PANTHEON_FUZZ=${1:-1000000} PANTHEON_WIRE_FUZZ=${2:-100000}
# Other seeds than those that every ./test.sh sends.
export PANTHEON_FUZZ_SEED=${3:-1000000}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

echo "fuzz: building" >&2
dotnet build tests/Pantheon.Serving.Tests -c Release -v quiet --nologo -clp:NoSummary >&2

# fuzz TEST: runs one class of tests; its log is in $log, its seconds in $seconds.
fuzz() {
  echo "fuzz: $1" >&2
  SECONDS=0
  dotnet test artifacts/bin/Pantheon.Serving.Tests/release/Pantheon.Serving.Tests.dll --filter "FullyQualifiedName~$1" \
    --logger 'console;verbosity=detailed' > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
  seconds=$SECONDS
  grep -q 'Passed: [1-9]' "$log" || { cat "$log" >&2; echo "fuzz: no test ran" >&2; exit 1; }
}

echo "First seed $PANTHEON_FUZZ_SEED."
echo
fuzz RankDecoderFuzzTests
echo "- Decoder against the generated parser: $PANTHEON_FUZZ messages (half RankRequest, half RankStreamRequest), no disagreement, all memory returned, $seconds s."
fuzz WireFuzzTests
echo "- Through the real server, over several connections, half unary and half streamed: $(grep -o '[0-9]* messages: .*' "$log"). No unfair status, no error in the log, all pinned memory returned, a golden request right afterwards, $seconds s."
