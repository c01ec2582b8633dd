#!/usr/bin/env bash
# Builds everything and runs every test; the last line is `N passed, N failed, N skipped`.
#   ./test.sh             all of it: what CI runs
#   ./test.sh Onnx House  only the test projects whose name contains one of the words, and no format check
# Exits 0 only if something ran and nothing failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
exec </dev/null
source eng/environment.sh

solution=Pantheon.Serving.sln
results=artifacts/test-results
hang_timeout=10min
# A project that hangs where the hang detector cannot see it (no test running) is ended after this many seconds.
project_timeout=1200

passed=0 failed=0 skipped=0
failures=()

finish() {
  if ((${#failures[@]})); then
    echo
    echo "Failed:"
    printf '  %s\n' "${failures[@]}"
  fi
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0 && passed > 0))
  exit
}

# give_up REASON: something before the tests went wrong; counts as one failure.
give_up() {
  echo "test: $1" >&2
  passed=0 failed=1 skipped=0 failures=()
  finish
}

# fail NAME: a failure that no test result tells of.
fail() {
  failures+=("$1")
  failed=$((failed + 1))
}

# counter NAME TRX: one attribute of the <Counters> element.
counter() {
  local value
  value=$(grep -o '<Counters [^>]*' "$2" | grep -o " $1=\"[0-9]*\"" | head -n 1 | tr -dc 0-9)
  echo "${value:-0}"
}

# failed_names TRX: names of the tests that failed.
failed_names() {
  grep -o '<UnitTestResult [^>]*' "$1" | grep -E ' outcome="(Failed|Error|Timeout|Aborted)"' | grep -o ' testName="[^"]*"' \
    | sed -e 's/^ testName="//' -e 's/"$//' -e 's/&quot;/"/g' -e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&amp;/\&/g'
}

# run_project NAME: runs one test project and adds up what its trx file says.
run_project() {
  local name=$1 assembly="artifacts/bin/$1/release/$1.dll" trx="$results/$1.trx" code total project_failed listed
  echo
  echo "== $name"
  if [[ ! -f $assembly ]]; then fail "$name: not built ($assembly); is it in $solution?"; return; fi
  timeout --kill-after=20 "$project_timeout" dotnet test "$assembly" "${filter[@]}" --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
    --blame-hang --blame-hang-timeout "$hang_timeout" --blame-hang-dump-type none
  code=$?
  # The hang detector leaves a dump of hundreds of megabytes even where none is asked for.
  find "$results" -name '*.dmp' -delete 2>/dev/null
  if [[ ! -s $trx ]]; then fail "$name: no test results (exit code $code)"; return; fi

  total=$(counter total "$trx")
  project_failed=$(($(counter failed "$trx") + $(counter error "$trx") + $(counter timeout "$trx") + $(counter aborted "$trx")))
  passed=$((passed + $(counter passed "$trx")))
  failed=$((failed + project_failed))
  # The trx logger counts a skipped test in `total`, and in no counter of its own.
  skipped=$((skipped + total - $(counter executed "$trx")))
  while IFS= read -r listed; do failures+=("$name: $listed"); done < <(failed_names "$trx")

  if ((total == 0)); then
    fail "$name: no test ran to its end (exit code $code)"
  elif ((code != 0 && project_failed == 0)); then
    fail "$name: the run was aborted (exit code $code)"
  elif grep -q '<ResultSummary outcome="Aborted"' "$trx" && ((project_failed == 0)); then
    fail "$name: the run was aborted"
  fi
}

# selected NAME: whether the words on the command line choose this project; no words choose all.
selected() {
  ((${#words[@]})) || return 0
  local word
  for word in "${words[@]}"; do [[ ${1,,} == *"${word,,}"* ]] && return 0; done
  return 1
}

words=("$@")
projects=()
for file in tests/*.Tests/*.Tests.csproj; do
  name=$(basename "$file" .csproj)
  if selected "$name"; then projects+=("$name"); fi
done
((${#projects[@]})) || give_up "no test project matches: ${words[*]}"

eng/setup.sh || give_up "eng/setup.sh failed"
# Some tests are of what the gRPC stand-in does and upstream does otherwise.
filter=()
grep -q Grpc eng/standins.props || filter=(--filter "Upstream!=differs")
if [[ -f eng/foreign.sh ]]; then
  bash eng/foreign.sh || give_up "eng/foreign.sh failed: the clients and servers of other languages are needed"
fi

echo "== build"
if ((${#words[@]})); then
  for name in "${projects[@]}"; do
    dotnet build "tests/$name/$name.csproj" -c Release -v quiet --nologo -clp:NoSummary || give_up "the build failed"
  done
else
  dotnet build "$solution" -c Release -v quiet --nologo -clp:NoSummary || give_up "the build failed"
  echo "== format"
  eng/format.sh --verify-no-changes || fail "format: run eng/format.sh"
fi

rm -rf "$results" && mkdir -p "$results"
# One project at a time: several measure time or allocation, and a small machine has two cores.
for name in "${projects[@]}"; do run_project "$name"; done
finish
