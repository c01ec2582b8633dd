#!/usr/bin/env bash
# The closed loop from a model that is promoted already, with nothing to gain: ./measure.sh loop-null [SEEDS]
set -euo pipefail
echo "From a Pantheon head of the promoter's own learner, with the weights that it goes on with; 14 days. It is published anew, which is no"
echo "promotion, so the last base is younger than the first. \`pantheon simulate --start promoted --seed N\`."
echo
eng/loop.sh Promoted 14 "${1:-10}"
