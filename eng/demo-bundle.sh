#!/usr/bin/env bash
# Makes models/kuairand/1 and models/kuairand/request.json anew from ../shared/models/kuairand-torch. They ship with the
# project, so this runs only when the bundle's form changes; the same sources and the same form give the same digest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source=../shared/models/kuairand-torch
[[ -f $source/model.onnx ]] || { echo "demo-bundle: there is no $source/model.onnx" >&2; exit 1; }

# A published version is never overwritten: make it aside, then put it in the old one's place.
aside=$(mktemp -d models/.staging-demo.XXXXXX)
trap 'rm -rf "$aside"' EXIT

# A fixed date, so that the digest does not depend on the day.
SOURCE_DATE_EPOCH=1795305600 dotnet run --project src/Pantheon.Cli -- bundle create \
  --repository "$aside" --model kuairand --version 1 \
  --onnx "$source/model.onnx" --score score --pxtr pxtr \
  --objectives is_click,long_view,is_comment,is_profile_enter,finish \
  --user user_id,user_dense --candidates item_id,item_dense \
  --vocabulary "user_id=$source/users.tsv" --unknown user_id=0 \
  --vocabulary "item_id=$source/items.tsv" --unknown item_id=0 \
  --golden "$source/golden.json" \
  --attribution "derived from KuaiRand (Gao et al., CIKM 2022)" --license CC-BY-SA-4.0

python3 eng/demo-request.py "$source" > "$aside/request.json"
mkdir -p models/kuairand
rm -rf models/kuairand/1
mv "$aside/kuairand/1" models/kuairand/1
mv "$aside/request.json" models/kuairand/request.json
echo "demo-bundle: wrote models/kuairand/1 and models/kuairand/request.json" >&2
