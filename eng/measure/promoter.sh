#!/usr/bin/env bash
# the promoter in the simulated world: false promotions where there is nothing to gain, windows until a true gain is promoted: ./measure.sh promoter [SHARE]
set -euo pipefail
dotnet build tests/Pantheon.Benchmarks -c Release --nologo -v quiet -clp:NoSummary >&2
artifacts/bin/Pantheon.Benchmarks/release/Pantheon.Benchmarks promoter "$@"
