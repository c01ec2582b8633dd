using System.CommandLine;
using Google.Protobuf;
using Pantheon.Cli.Models;
using Pantheon.Cli.Rank;
using Pantheon.Contracts.V1;

namespace Pantheon.Cli.Calibration;

/// <summary>`pantheon calibration`: what a running service measured of its scores, and the baseline they are moved to.</summary>
internal static class CalibrationCommand
{
    private const double DefaultTimeoutSeconds = 30;

    private static readonly JsonFormatter s_json = new(JsonFormatter.Settings.Default.WithIndentation().WithPreserveProtoFieldNames(true).WithFormatDefaultValues(true));

    public static Command Of(Terminal terminal)
    {
        var target = new Option<string>("--target") { Description = "Where the service is.", HelpName = "host:port", DefaultValueFactory = static _ => "127.0.0.1:8500", Recursive = true };
        var timeout = new Option<double>("--timeout") { Description = "How long the service may take.", HelpName = "SECONDS", DefaultValueFactory = static _ => DefaultTimeoutSeconds, Recursive = true };
        var by = new Option<string>("--by")
        {
            Description = "Who asks, for the record.",
            HelpName = "NAME",
            DefaultValueFactory = static _ => $"{Environment.UserName}@{Environment.MachineName}",
            Recursive = true,
        };
        var reason = new Option<string>("--reason") { Description = "Why, for the record.", HelpName = "TEXT", DefaultValueFactory = static _ => "", Recursive = true };
        var name = new Argument<string>("name") { Description = "The model.", HelpName = "NAME" };
        var file = new Argument<string>("file") { Description = "What `export` wrote.", HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = "File to write. Default: standard output.", HelpName = "FILE" };

        Command Asking(string command, string description, Func<ParseResult, ModelsCall, CancellationToken, Task> ask, Argument argument)
        {
            var made = new Command(command, description) { argument };
            made.SetAction(async (parsed, cancellation) =>
            {
                var address = ServiceAddress.Parse(target.Name, parsed.GetRequiredValue(target));
                var token = Environment.GetEnvironmentVariable(ModelsCommand.TokenVariable) ?? "";
                using var call = new ModelsCall(address, RankCommand.Seconds(timeout.Name, parsed.GetValue(timeout), least: 0.001), token, terminal);
                await ask(parsed, call, cancellation);
                return 0;
            });
            return made;
        }

        Requester Requester(ParseResult parsed) => new() { Name = parsed.GetValue(by), Reason = parsed.GetValue(reason) };
        Task<ModelCalibration> GetAsync(ParseResult parsed, ModelsCall call, CancellationToken cancellation) =>
            call.CalibrateAsync((client, options) => client.GetAsync(new GetCalibrationRequest { Model = parsed.GetRequiredValue(name) }, options), cancellation);

        var export = Asking("export", "Writes what was measured of a model's versions as JSON.", async (parsed, call, cancellation) =>
        {
            var came = await GetAsync(parsed, call, cancellation);
            var json = s_json.Format(new ModelMoments { Model = came.Model, Versions = { came.Versions.Select(version => version.Measured) } });
            if (parsed.GetValue(output) is { } path)
            {
                await File.WriteAllTextAsync(path, $"{json}\n", cancellation);
            }
            else
            {
                terminal.Output.WriteLine(json);
            }
        }, name);
        export.Add(output);
        return new Command("calibration", "Shows and changes how the scores of a running service's models are calibrated.")
        {
            target, timeout, by, reason,
            Asking("show", "The baseline, and each version's scores beside it.", async (parsed, call, cancellation) => CalibrationReport.Print(terminal, await GetAsync(parsed, call, cancellation)), name),
            export,
            Asking("import", "Tells loaded versions what was measured of them elsewhere.", async (parsed, call, cancellation) =>
            {
                var moments = RequestFile.Read<ModelMoments>(parsed.GetRequiredValue(file));
                CalibrationReport.Print(terminal, await call.CalibrateAsync(
                    (client, options) => client.ImportAsync(new ImportMomentsRequest { Moments = moments, Requester = Requester(parsed) }, options), cancellation));
            }, file),
            Asking("freeze", "Makes the scores that are answered now the baseline of all versions.", async (parsed, call, cancellation) => CalibrationReport.Print(terminal, await call.CalibrateAsync(
                (client, options) => client.FreezeAsync(new FreezeBaselineRequest { Model = parsed.GetRequiredValue(name), Requester = Requester(parsed) }, options), cancellation)), name),
        };
    }
}
