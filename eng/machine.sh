#!/usr/bin/env bash
# eng/machine.sh NAME [ARG...]: the head of a measurement's page: what was run, when, on what.
set -euo pipefail
cd "$(dirname "$0")/.."

# quota: the container's share of the cores, if it has one.
quota() {
  local limit period
  if [[ -r /sys/fs/cgroup/cpu.max ]] && read -r limit period < /sys/fs/cgroup/cpu.max && [[ $limit != max ]]; then
    awk -v l="$limit" -v p="$period" 'BEGIN { printf ", container quota %.2f", l / p }'
  fi
}

# memory_limit: the container's memory limit, if it has one.
memory_limit() {
  local limit
  if [[ -r /sys/fs/cgroup/memory.max ]] && read -r limit < /sys/fs/cgroup/memory.max && [[ $limit != max ]]; then
    awk -v l="$limit" 'BEGIN { printf ", container limit %.1f GiB", l / 1073741824 }'
  fi
}

commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
if [[ -n $(git status --porcelain -- . ':!docs/measurements' 2>/dev/null) ]]; then commit="$commit, with uncommitted changes"; fi
model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
memory=$(awk '/^MemTotal:/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo 2>/dev/null || true)
system=$(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME" || uname -s)
runtime=$(dotnet --list-runtimes | awk '$1 == "Microsoft.AspNetCore.App" { v = $2 } END { print v }')

cat <<TEXT
# Measurement: $1

| | |
| --- | --- |
| command | \`./measure.sh $*\` |
| date | $(date -u '+%Y-%m-%d %H:%M UTC') |
| commit | $commit |
| processor | ${model:-unknown}, $(nproc) cores visible$(quota) |
| memory | ${memory:-unknown}$(memory_limit) |
| system | $system, kernel $(uname -r) |
| .NET | SDK $(dotnet --version), ASP.NET Core runtime $runtime |

TEXT
