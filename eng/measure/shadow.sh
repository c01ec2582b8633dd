#!/usr/bin/env bash
# Latency in 200 windows with a shadow of every request and 400 without, open loop at half of capacity: ./measure.sh shadow [WINDOWS]
set -euo pipefail
source eng/rollout-load.sh
load --shadows "${1:-200}"
exit $failed
