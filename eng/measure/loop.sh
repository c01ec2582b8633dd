#!/usr/bin/env bash
# The closed loop from a stale incumbent: ./measure.sh loop [SEEDS=10]; the first seed's report goes to docs/closed-loop
set -euo pipefail
echo "From a formula over a small model of the first day; 21 days, then two that nobody learned from. \`pantheon simulate --days 21 --seed N\`."
echo
eng/loop.sh Stale 21 "${1:-10}" docs/closed-loop
