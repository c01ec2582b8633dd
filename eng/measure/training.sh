#!/usr/bin/env bash
# how fast networks train, beside the best MatMul of ONNX Runtime on the same cores
set -euo pipefail
dotnet build tests/Pantheon.Benchmarks -c Release --nologo -v quiet -clp:NoSummary >&2
artifacts/bin/Pantheon.Benchmarks/release/Pantheon.Benchmarks training "$@"
