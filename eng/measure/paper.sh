#!/usr/bin/env bash
# the Pantheon paper's offline comparisons on a log: ./measure.sh paper DIR [options of `pantheon experiment`]
set -euo pipefail
data=${1:?"a folder with KuaiRand's files, such as ../shared/data/kuairand-sim"}; shift
dotnet build src/Pantheon.Cli -c Release --nologo -v quiet -clp:NoSummary >&2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
artifacts/bin/Pantheon.Cli/release/pantheon experiment all --data "$data" --out "$folder" "$@" >&2
# Without its title, and without the plots, which lie beside the report; the folder is gone with this script.
sed -e 1d -e '/^!\[/d' -e "s#--out $folder ##" "$folder/report.md"
