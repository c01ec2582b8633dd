#!/usr/bin/env bash
# by how much two training seeds differ, which the promoter's measurement takes its noise from: ./measure.sh seeds DIR
set -euo pipefail
data=${1:?"a folder with KuaiRand's files, such as ../shared/data/kuairand-sim"}
dotnet build tests/Pantheon.Benchmarks -c Release --nologo -v quiet -clp:NoSummary >&2
artifacts/bin/Pantheon.Benchmarks/release/Pantheon.Benchmarks seeds "$data"
