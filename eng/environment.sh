# Sourced by the top-level scripts: the same quiet, non-interactive dotnet for people and for CI.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# No build node or compiler server outlives the script that started it.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
export MSBUILDTERMINALLOGGER=off
