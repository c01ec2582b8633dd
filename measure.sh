#!/usr/bin/env bash
# Long or statistical measurements, run by hand.
#   ./measure.sh                 names them
#   ./measure.sh NAME [ARG...]   runs eng/measure/NAME.sh; its output, headed by the command and the machine, replaces
#                                docs/measurements/NAME.md if it succeeds
# A measurement prints Markdown on standard output and progress on standard error.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
source eng/environment.sh

if (($# == 0)); then
  echo "Measurements (./measure.sh NAME):"
  for script in eng/measure/*.sh; do
    [[ -f $script ]] || { echo "  none yet"; break; }
    printf '  %-16s %s\n' "$(basename "$script" .sh)" "$(sed -n '2s/^# *//p' "$script")"
  done
  exit 0
fi

name=$1; shift
script=eng/measure/$name.sh
if [[ ! $name =~ ^[a-z0-9-]+$ || ! -f $script ]]; then
  echo "measure: there is no $script" >&2
  exit 2
fi

eng/setup.sh || exit 1
mkdir -p artifacts docs/measurements
output=$(mktemp "artifacts/measure-$name.XXXXXX")
trap 'rm -f "$output"' EXIT

{ eng/machine.sh "$name" "$@" && bash "$script" "$@" </dev/null; } | tee "$output"
codes=("${PIPESTATUS[@]}")
if ((codes[0] != 0 || codes[1] != 0)); then
  echo "measure: $name failed (exit code ${codes[0]}); docs/measurements/$name.md is as it was" >&2
  exit 1
fi
# mktemp makes a file that only its owner reads.
cp "$output" "docs/measurements/$name.md"
echo "measure: wrote docs/measurements/$name.md" >&2
