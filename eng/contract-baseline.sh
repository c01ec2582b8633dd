#!/usr/bin/env bash
# Accepts what was added to the wire contract into protos/baseline. Refuses anything that breaks a caller: docs/contract.md.
set -euo pipefail
cd "$(dirname "$0")/.."
source eng/environment.sh
eng/setup.sh
PANTHEON_CONTRACT_BASELINE=write dotnet test tests/Pantheon.House.Tests -c Release --nologo --filter FullyQualifiedName~ContractGuardTests
git --no-pager diff --stat -- protos/baseline
