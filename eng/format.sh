#!/usr/bin/env bash
# Formats src/ and tests/ as .editorconfig says; with --verify-no-changes only says whether they are.
set -euo pipefail
cd "$(dirname "$0")/.."
source eng/environment.sh

# Whitespace, then the order of usings. Everything else that `dotnet format` would look at is an error of the build
# (EnforceCodeStyleInBuild), and running the analyzers a second time takes minutes.
options=(Pantheon.Serving.sln --no-restore --exclude eng/standins artifacts "$@")
code=0
dotnet format whitespace "${options[@]}" || code=$?
dotnet format style --severity error --diagnostics IDE0055 "${options[@]}" || code=$?
exit "$code"
