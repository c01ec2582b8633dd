#!/usr/bin/env bash
# what one request costs beside bare ONNX Runtime, and the decoder beside the generated message
set -euo pipefail
dotnet build tests/Pantheon.Benchmarks -c Release --nologo -v quiet -clp:NoSummary >&2
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
artifacts/bin/Pantheon.Benchmarks/release/Pantheon.Benchmarks --filter '*' --artifacts "$results" >&2
for report in "$results"/results/*.md; do
  echo
  echo "## $(basename "$report" -report-github.md)"
  echo
  cat "$report"
done
