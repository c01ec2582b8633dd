#!/usr/bin/env bash
# how fast networks train, beside the best MatMul of ONNX Runtime on the same cores; with a folder, also the default configuration on that log
set -euo pipefail
dotnet build tests/Pantheon.Benchmarks -c Release --nologo -v quiet -clp:NoSummary >&2
artifacts/bin/Pantheon.Benchmarks/release/Pantheon.Benchmarks training "$@"
