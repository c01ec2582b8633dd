#!/usr/bin/env bash
# 200 swaps under open-loop load at half of capacity, and resident memory over 1,000 swaps: ./measure.sh swap [SWAPS [MEMORY_SWAPS]]
set -euo pipefail
swaps=${1:-200} many=${2:-1000}
source eng/rollout-load.sh
printf '## Latency\n\n'
load --swaps "$swaps"
printf '\n## Memory\n\n'
load --memory-swaps "$many"
exit $failed
