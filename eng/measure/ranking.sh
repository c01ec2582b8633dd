#!/usr/bin/env bash
# the ranking model beside baselines, and its learning curve: ./measure.sh ranking DIR [options of `pantheon experiment`]
exec eng/experiment.sh ranking "$@"
