#!/usr/bin/env bash
# IPPO on a log as a stream, against incumbents that can be beaten and that cannot: ./measure.sh ippo DIR
set -euo pipefail
data=${1:?"a folder with KuaiRand's files, such as ../shared/data/kuairand-sim"}
dotnet build src/Pantheon.Cli -c Release --nologo -v quiet -clp:NoSummary >&2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed 's/"gap"/"guard": "none", "gap"/' eng/measure/ippo.json > "$folder/bare.json"

# run TITLE CONFIG OPTION...: one stream; its report without title, plots and configuration.
run() {
  local title=$1 config=$2 out; shift 2
  out=$folder/$((++count))
  artifacts/bin/Pantheon.Cli/release/pantheon ippo --data "$data" --config "$config" --repository "$folder/models" --out "$out" "$@" >&2
  printf '\n## %s\n' "$title"
  sed -e 1d -e '/^!\[/d' -e '/^## Configuration/,$d' -e '/^## Weights/d' -e '/^## Gains over/d' -e 's/^## /### /' \
    -e "s# --repository $folder/models --out $out##" -e "s#$folder/bare.json#bare.json#" "$out/report.md"
}

count=0
run "A stale incumbent: the product formula over a ranking model of the first week" eng/measure/ippo.json --incumbent product --incumbent-days 7
run "The log-linear formula over the stream's own ranking model" eng/measure/ippo.json --incumbent log-linear
run "The product formula over the stream's own ranking model" eng/measure/ippo.json --incumbent product
run "The same by the paper's bare rule" "$folder/bare.json" --incumbent product
printf '\n## Configuration\n\n```jsonc\n'; cat eng/measure/ippo.json; printf '```\n\nThe bare rule: the same with `"guard": "none"`.\n'
