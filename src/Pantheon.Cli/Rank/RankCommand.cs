using System.CommandLine;
using Pantheon.Contracts.V1;

namespace Pantheon.Cli.Rank;

/// <summary>`pantheon rank`: sends one request to a running service and prints the ranked items.</summary>
internal static class RankCommand
{
    private const double DefaultTimeoutSeconds = 10;

    // What a deadline can be; beyond it there is none worth the name.
    private const double LongestSeconds = 24 * 60 * 60;

    public static Command Of(Terminal terminal)
    {
        var file = new Option<string>("--request")
        {
            Description = "The request: pantheon.serving.v1.RankRequest in the JSON form of proto3.",
            HelpName = "request.json",
            Required = true,
        };
        var target = new Option<string>("--target")
        {
            Description = "Where the service is.",
            HelpName = "host:port",
            DefaultValueFactory = static _ => "127.0.0.1:8500",
        };
        var topK = new Option<int?>("--top-k") { Description = "How many items to return; overrides the file.", HelpName = "10" };
        var model = new Option<string>("--model") { Description = "The model; overrides the file.", HelpName = "NAME" };
        var version = new Option<long?>("--version") { Description = "Pins a version of the model; overrides the file.", HelpName = "N" };
        var timeout = new Option<double>("--timeout")
        {
            Description = "Deadline of the call.",
            HelpName = "SECONDS",
            DefaultValueFactory = static _ => DefaultTimeoutSeconds,
        };
        var wait = new Option<double>("--wait")
        {
            Description = "Waits for this long until the service is ready.",
            HelpName = "SECONDS",
        };
        var command = new Command("rank", "Ranks the candidates of a request and prints them as a table.")
        {
            file, target, topK, model, version, timeout, wait,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = RequestFile.Read<RankRequest>(parsed.GetRequiredValue(file));
            Override(request, parsed.GetValue(topK), parsed.GetValue(model), parsed.GetValue(version));
            var address = ServiceAddress.Parse(target.Name, parsed.GetRequiredValue(target));
            using var call = new RankCall(address, Seconds(timeout.Name, parsed.GetValue(timeout), least: 0.001));
            if (Seconds(wait.Name, parsed.GetValue(wait), least: 0) is { Ticks: > 0 } patience)
            {
                await call.WaitUntilReadyAsync(patience, terminal, cancellation);
            }

            var (response, roundTrip) = await call.RankAsync(request, cancellation);
            RankReport.Print(terminal, request, response, roundTrip);
            return 0;
        });
        return command;
    }

    private static void Override(RankRequest request, int? topK, string? model, long? version)
    {
        request.TopK = topK ?? request.TopK;
        request.Model = model ?? request.Model;
        request.Version = version ?? request.Version;
        // A file that says nothing about the output wants to see what there is.
        request.Output ??= new OutputOptions { Pxtrs = true, RawScores = true };
    }

    /// <summary>A time as an option says it.</summary>
    /// <exception cref="CommandFailure">Below <paramref name="least"/>, or longer than a day.</exception>
    public static TimeSpan Seconds(string option, double value, double least) =>
        value >= least && value <= LongestSeconds
            ? TimeSpan.FromSeconds(value)
            : throw CommandFailure.OfUsage($"{option}: got {value}, expected seconds from {least} to {LongestSeconds}");
}
