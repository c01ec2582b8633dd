#!/usr/bin/env bash
# The closed loop from a stale incumbent, with ten seeds: ./measure.sh loop [SEEDS]; the first one's report goes to docs/closed-loop
set -euo pipefail
echo "From a formula over a small model of the first day; 14 days, then two that nobody learned from. \`pantheon simulate --seed N\`."
echo
eng/loop.sh Stale "${1:-10}" docs/closed-loop
