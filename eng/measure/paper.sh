#!/usr/bin/env bash
# the Pantheon paper's offline comparisons on a log: ./measure.sh paper DIR [options of `pantheon experiment`]
exec eng/experiment.sh all "$@"
