#!/usr/bin/env bash
# Decides once, by an ordinary restore, which official packages this registry has, and writes eng/standins.props for
# those it lacks. With a registry that has them all nothing but an empty props file is written. --force asks again.
set -euo pipefail
cd "$(dirname "$0")/.."

props=eng/standins.props
if [[ "${1:-}" == --force ]]; then rm -f "$props"; fi
if [[ -f "$props" && "$props" -nt Directory.Packages.props && "$props" -nt eng/setup.sh ]]; then
  decided=yes
else
  decided=no
fi

command -v dotnet >/dev/null || { echo "setup: the .NET 10 SDK is needed; 'dotnet' is not on PATH" >&2; exit 1; }

# restores PACKAGE...: true if an ordinary restore of these, at the versions of Directory.Packages.props, succeeds.
restores() {
  local folder log
  folder=$(mktemp -d); log="$folder/log"
  cp Directory.Packages.props global.json "$folder/"
  {
    echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><WarningsAsErrors>NU1603</WarningsAsErrors></PropertyGroup><ItemGroup>'
    for package in "$@"; do echo "<PackageReference Include=\"$package\" />"; done
    echo '</ItemGroup></Project>'
  } > "$folder/probe.csproj"
  if (cd "$folder" && dotnet restore probe.csproj --ignore-failed-sources) > "$log" 2>&1 </dev/null; then
    rm -rf "$folder"; return 0
  fi
  # Only a package that the registry says it lacks calls for a stand-in; any other failure must be seen. Another version than the one
  # asked for (NU1603) is not the one that was tested.
  if ! grep -q -E 'NU1101|NU1102|NU1103|NU1603|NU1605|NU1107' "$log"; then
    cat "$log" >&2; echo "setup: restore of $* failed for another reason than a missing package" >&2; exit 1
  fi
  rm -rf "$folder"; return 1
}

if [[ $decided == no ]]; then
  echo "setup: asking the registry which official packages it has" >&2
  standins=(); extra=""
  restores Microsoft.ML.OnnxRuntime System.Numerics.Tensors || standins+=(Microsoft.ML.OnnxRuntime)
  restores Grpc.AspNetCore Grpc.Net.Client Grpc.Core.Api Google.Protobuf || {
    standins+=(Grpc.Core.Api Grpc.Net.Client Grpc.AspNetCore)
    # The newest Google.Protobuf that a partial registry was found to have.
    extra="<ProtobufVersion Condition=\"'\$(ProtobufVersion)' == ''\">3.25.1</ProtobufVersion>"
  }
  restores OpenTelemetry.Extensions.Hosting || standins+=(OpenTelemetry.Extensions.Hosting)
  temporary=$(mktemp "$props.XXXX")
  {
    echo '<Project><PropertyGroup>'
    (IFS=';'; echo "<StandIns>${standins[*]:-}</StandIns>")
    echo "$extra"
    echo '</PropertyGroup></Project>'
  } > "$temporary"
  mv "$temporary" "$props"
  if [[ ${#standins[@]} -gt 0 ]]; then echo "setup: stand-ins for ${standins[*]}" >&2; else echo "setup: all official packages" >&2; fi
fi

runtime=eng/standins/Microsoft.ML.OnnxRuntime
if grep -q 'Microsoft.ML.OnnxRuntime' "$props" && [[ ! -f $runtime/node_modules/.package-lock.json || $runtime/package-lock.json -nt $runtime/node_modules/.package-lock.json ]]; then
  if ! command -v npm >/dev/null; then
    echo "setup: installing npm" >&2
    apt-get update -q >/dev/null && apt-get install -y -q npm >/dev/null
  fi
  echo "setup: restoring ONNX Runtime from the npm registry" >&2
  (cd "$runtime" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  touch "$runtime/node_modules/.package-lock.json"
fi
