#!/usr/bin/env bash
# Runs an experiment and prints its report as a measurement: eng/experiment.sh WHICH DIR [options of `pantheon experiment`]
set -euo pipefail
which=$1
data=${2:?"a folder with KuaiRand's files, such as ../shared/data/kuairand-sim"}; shift 2
dotnet build src/Pantheon.Cli -c Release --nologo -v quiet -clp:NoSummary >&2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
artifacts/bin/Pantheon.Cli/release/pantheon experiment "$which" --data "$data" --out "$folder" "$@" >&2
# Without its title, and without the plots, which lie beside the report; the folder is gone with this script.
sed -e 1d -e '/^!\[/d' -e "s# --out $folder##" "$folder/report.md"
