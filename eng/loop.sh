#!/usr/bin/env bash
# What ./measure.sh loop and loop-null share: the closed loop with several seeds, two at a time, and a table of what came out.
#   eng/loop.sh START DAYS SEEDS [REPORT]     REPORT: a folder under docs that takes the first seed's report
# Seeds are 201 and on: the loop's settings were chosen on 1 to 4, 101 and 102.
# LOOP_RUNS: a folder that keeps the runs; what is in it already, of this commit, is not run again.
set -euo pipefail
start=$1 days=$2 seeds=$3 report=${4:-}
dotnet build src/Pantheon.Cli -c Release --nologo -v quiet -clp:NoSummary >&2
folder=${LOOP_RUNS:+$LOOP_RUNS/$start-$(git rev-parse --short=12 HEAD)}
if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"
one() { [[ ! -f $3/$2/result.json ]] || return 0; rm -rf "${3:?}/$2"; artifacts/bin/Pantheon.Cli/release/pantheon simulate --start "$1" --days "$4" --seed "$2" --out "$3/$2" >"$3/$2.txt" 2>"$3/$2.err" || { echo "loop: seed $2 failed" >&2; tail -n 3 "$3/$2.err" >&2; return 1; }; echo "seed $2: $(tail -n 2 "$3/$2.txt" | head -n 1)" >&2; }
export -f one
first=201
seq "$first" $((first + seeds - 1)) | xargs -P 2 -I{} bash -c 'one "$0" "$1" "$2" "$3"' "$start" {} "$folder" "$days"

field() { sed -E "s/.*\"$2\":(\[[^]]*\]|[^,}]*).*/\1/" "$folder/$1/result.json"; }
better=0 promoted=0 requests=0 failed=0
printf '| seed | requests | failed | windows judged | promoted (day) | lost on trial | gain of the last base on later days, each objective (points of GAUC) | by its Pxtrs under the first formula, being fresh alone | lower ends of their 95 %% intervals | better on all |\n'
printf '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n'
round() { tr -d '[]' | tr ',' '\n' | LC_ALL=C awk '{ printf "%s%+.1f", (NR > 1 ? " " : ""), $1 }'; }
for seed in $(seq "$first" $((first + seeds - 1))); do
  gains=$(field "$seed" Gains) low=$(field "$seed" Low) fresh=$(field "$seed" Fresh) all=$(field "$seed" BetterOnAll)
  if [[ $gains == null ]]; then gains="" low="" fresh=""; else gains=$(round <<<"$gains") fresh=$(round <<<"$fresh") low=$(round <<<"$low"); fi
  [[ $all == true ]] && better=$((better + 1))
  (($(field "$seed" Promotions) > 0)) && promoted=$((promoted + 1))
  requests=$((requests + $(field "$seed" Requests))) failed=$((failed + $(field "$seed" Failures)))
  on=$(field "$seed" PromotedOnDay | tr -d '[]')
  printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$seed" "$(field "$seed" Requests)" "$(field "$seed" Failures)" "$(field "$seed" Judged)" \
    "$(field "$seed" Promotions)${on:+ ($on)}" "$(field "$seed" Lost)" "$gains" "$fresh" "$low" "${all/null/the base never changed}"
done
printf '\n%s of %s seeds promoted another policy; in %s of %s the last base beats the first on every objective; %s requests, %s failed.\n' \
  "$promoted" "$seeds" "$better" "$seeds" "$requests" "$failed"

printf '\n| seed | rooms'"'"' share of places, %%: incumbent / last base | uncalibrated | mean position of rooms: incumbent / last base | uncalibrated | A/B among rooms alone, each objective, %% | A/B in the feed with short videos, %% |\n'
printf '| --- | --- | --- | --- | --- | --- | --- |\n'
pair() { tr -d '[]' | tr ',' '\n' | LC_ALL=C awk -v from="$1" -v form="$2" 'NR == from { a = $1 } NR == from + 1 { printf form " / " form, a, $1 }'; }
for seed in $(seq "$first" $((first + seeds - 1))); do
  shares=$(field "$seed" Shares) positions=$(field "$seed" Positions)
  [[ $shares != null ]] || continue
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$seed" "$(pair 1 %.1f <<<"$shares")" "$(pair 3 %.1f <<<"$shares")" "$(pair 1 %.2f <<<"$positions")" "$(pair 3 %.2f <<<"$positions")" \
    "$(field "$seed" ChangeAlone | round)" "$(field "$seed" ChangeMixed | round)"
done
if [[ -n $report ]]; then
  mkdir -p "$report"
  rm -f "$report"/*.svg
  cp "$folder/$first"/report.md "$folder/$first"/report.html "$folder/$first"/*.svg "$report/"
  sed -i -E "s# --out [^ |\`]*##" "$report/report.md" "$report/report.html"
fi
