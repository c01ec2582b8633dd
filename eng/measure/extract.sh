#!/usr/bin/env bash
# the paper's comparisons on the small real extract: ./measure.sh extract DIR [options of `pantheon experiment`]
exec eng/experiment.sh all "$@" --config eng/measure/extract.json
