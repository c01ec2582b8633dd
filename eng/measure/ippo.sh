#!/usr/bin/env bash
# IPPO on a log as a stream, against incumbents that can be beaten and that cannot: ./measure.sh ippo DIR
set -euo pipefail
data=${1:?"a folder with KuaiRand's files, such as ../shared/data/kuairand-sim"}
dotnet build src/Pantheon.Cli -c Release --nologo -v quiet -clp:NoSummary >&2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# run TITLE GUARD SEEDS OPTION...: a stream for each seed; the first's report without title, plots and configuration, and of the
# others what came out.
run() {
  local title=$1 guard=$2 seeds=($3) seed config out shorten; shift 3
  printf '\n## %s\n' "$title"
  for seed in "${seeds[@]}"; do
    out=$folder/$((++count))
    config=$folder/ippo-$seed-$guard.json
    sed -e "s/\"training\": {/\"training\": { \"seed\": $seed,/" -e "s/\"gap\"/\"guard\": \"$guard\", \"gap\"/" eng/measure/ippo.json > "$config"
    artifacts/bin/Pantheon.Cli/release/pantheon ippo --data "$data" --config "$config" --repository "$folder/models" --out "$out" "$@" >&2
    ((seed == seeds[0])) && shorten=() || shorten=(-e '/^## Decisions/,/^## The days/{/^## The days/!d;}')
    printf '\n### Seed %s\n' "$seed"
    sed -e 1d -e '/^!\[/d' -e '/^## Configuration/,$d' -e '/^## Weights/d' -e '/^## Gains over/d' -e '/^\*\*.*\*\*$/d' \
      -e "s# --repository $folder/models --out $out##" -e "s#$folder/##" "$out/report.md" |
      sed "${shorten[@]}" -e 's/^##* /#### /' | cat -s
  done
}

count=0
run "A stale incumbent: the product formula over a ranking model of the first week" confidence "1 2 3" --incumbent product --incumbent-days 7
run "The log-linear formula over the stream's own ranking model" confidence "1 2 3" --incumbent log-linear
run "The product formula over it, by the paper's bare rule" none 1 --incumbent product
printf '\n## Configuration\n\n```jsonc\n'; cat eng/measure/ippo.json; printf '```\n\nWith the seed and, for the bare rule, `"guard": "none"`.\n'
