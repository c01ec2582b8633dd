using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pantheon.Cli.Create;
using Pantheon.Cli.Promote;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Stores;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Reports;
using Pantheon.Promotion;
using Pantheon.Promotion.Trials;
using Pantheon.Serving;
using Pantheon.Simulation;
using Pantheon.Simulation.ClosedLoops;
using ScoringClient = Pantheon.Contracts.V1.Scoring.ScoringClient;

namespace Pantheon.Cli.Simulate;

/// <summary>`pantheon simulate`: the service on a real port with the world's calendar, the gateway, the promoter, and a report.</summary>
internal static class SimulateRun
{
    private static readonly TimeSpan s_start = TimeSpan.FromMinutes(2);

    // A small run may have no gifts at all, and then no change in them.
    private static readonly JsonSerializerOptions s_numbers = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static async Task<int> RunAsync(SimulateRequest request, Terminal terminal, CancellationToken cancellation)
    {
        var models = Path.Combine(request.Out, "models");
        if (Directory.Exists(models))
        {
            throw new CommandFailure($"{models}: exists; expected another --out: a loop has models, exposures and a journal of its own");
        }

        WorldDigest.Verify(request.Options.World);
        Directory.CreateDirectory(request.Out);
        using var progress = terminal.Progress();
        var loop = new ClosedLoop(request.Options);
        await File.WriteAllTextAsync(Path.Combine(request.Out, "promoter.json"), loop.Promoter.ToJson() + "\n", cancellation);
        progress.Say("learning the first model");
        var first = loop.PublishFirst(models, BundleCreation.Tool, cancellation).Manifest.Version;

        var clock = new SimulatedClock(ClosedLoop.Start);
        var store = Path.GetFullPath(Path.Combine(request.Out, "exposures.db"));
        await using var service = ServingHost.Build(Settings(request, models, store), clock);
        await service.StartAsync(cancellation);
        var address = service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var channel = GrpcChannel.ForAddress(address);
        await WaitAsync(channel, cancellation);

        await using var exposures = ExposureStores.OpenSqlite(new() { Path = store }, clock);
        var state = Path.Combine(request.Out, "promoter");
        var control = new GrpcModelControl(new Contracts.V1.Models.ModelsClient(channel), "promoter", "", s_start, TimeProvider.System);
        using var promoter = new Promoter(
            loop.Promoter, new PromoterPlace(new Bundles.ModelRepository(models), state, "simulate", BundleCreation.Tool), exposures, control, ClosedLoop.Start, clock,
            entry => progress.Say(PromotionReport.Line(entry)));
        var result = await loop.RunAsync(
            new LoopService(new ScoringClient(channel), new Feedback.FeedbackClient(channel), new Contracts.V1.Models.ModelsClient(channel), new Calibrations.CalibrationsClient(channel), exposures, clock),
            promoter, () => JsonLines.Read<PromotionEntry>(Path.Combine(state, Promoter.JournalFile)), first, (what, share) => progress.Show(what, share), cancellation);
        await service.StopAsync(cancellation);

        var report = LoopReport.Make(request.Options, result, Facts(request));
        ReportWriter.Write(report, request.Out);
        await File.WriteAllTextAsync(Path.Combine(request.Out, "result.json"), Summary(request, result), cancellation);
        foreach (var table in report.Blocks.OfType<Table>())
        {
            terminal.Print(table);
        }

        terminal.Output.WriteLine(LoopReport.Verdict(result));
        terminal.Output.WriteLine($"Report: {Path.Combine(request.Out, "report.html")} and report.md; journal: {Path.Combine(state, Promoter.JournalFile)}");
        return 0;
    }

    private static string[] Settings(SimulateRequest request, string models, string store) =>
    [
        "--Serving:GrpcPort=0", "--Serving:HttpPort=0", $"--Serving:ModelRepository={models}", "--Serving:Exposures:Store=Sqlite", $"--Serving:Exposures:Path={store}",
        "--Serving:Exposures:Log:FeaturesShare=1", FormattableString.Invariant($"--Serving:Exploration:Share={request.Explore}"),
        FormattableString.Invariant($"--Serving:Exploration:Depth={request.Options.World.Candidates}"), "--Logging:LogLevel:Default=Warning",
        // A day takes seconds here.
        "--Serving:Rollout:PollSeconds=0.2", "--Serving:Calibration:UpdateSeconds=0.5", "--Serving:Calibration:MinRequests=300",
    ];

    private static async Task WaitAsync(GrpcChannel channel, CancellationToken cancellation)
    {
        // Ready, and with a store that gives answers their ids.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_start);
        var models = new Contracts.V1.Models.ModelsClient(channel);
        while ((await models.ListAsync(new ListModelsRequest(), cancellationToken: limit.Token)).Models.Any(model => model.BaseVersion == 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }

        var feedback = new Feedback.FeedbackClient(channel);
        while (true)
        {
            try
            {
                await feedback.DeleteUserAsync(new DeleteUserRequest { UserKey = "nobody" }, cancellationToken: limit.Token);
                return;
            }
            catch (Grpc.Core.RpcException error) when (error.StatusCode == Grpc.Core.StatusCode.Unavailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
            }
        }
    }

    private static IReadOnlyList<Fact> Facts(SimulateRequest request) =>
    [
        new("command", request.CommandLine, IsCode: true),
        new("world", string.Create(CultureInfo.InvariantCulture, $"seed {request.Options.World.Seed}, {request.Options.World.Users} users, {request.Options.World.RoomsPerDay} new rooms a day; frozen by digest {WorldDigest.Of(request.Options.World with { Seed = 1 })[..12]}")),
        new("visits", string.Create(CultureInfo.InvariantCulture, $"{request.Options.Visits} a day, {request.Options.World.Candidates} rooms each; {100 * request.Explore:0.#} % of the answers drawn at random")),
        new("machine", $"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription.Split(" #")[0]}, .NET {Environment.Version}"),
    ];

    // For whoever sums up several runs.
    private static string Summary(SimulateRequest request, LoopResult result) => JsonSerializer.Serialize(new
    {
        request.Options.World.Seed,
        Start = request.Options.Start.ToString(),
        Requests = result.Days.Sum(day => day.Requests),
        Failures = result.Days.Sum(day => day.Failures),
        result.Promotions,
        Lost = result.Journal.Count(entry => entry.Event == PromotionEvent.Lost),
        Judged = result.Journal.Count(entry => entry.Event == PromotionEvent.Decided),
        PromotedOnDay = result.Journal.Where(entry => entry is { Event: PromotionEvent.Promoted, Refresh: not true }).Select(entry => (entry.At - ClosedLoop.Start).Days + 1),
        result.FirstVersion,
        result.LastVersion,
        BetterOnAll = result.IsBetterOnAll,
        Gains = result.Later?.Gauc.Scorings[1].Gain.Select(gain => 100 * gain.Value),
        Low = result.Later?.Gauc.Scorings[1].Gain.Select(gain => 100 * gain.Low),
        Fresh = result.Later?.Gauc.Scorings[2].Gain.Select(gain => 100 * gain.Value),
        Shares = result.Later is { } shares ? Arms(shares, tally => 100 * tally.RoomShare) : null,
        Positions = result.Later is { } positions ? Arms(positions, tally => tally.MeanPosition) : null,
        ChangeAlone = result.Later is { } alone ? Changes(alone.IncumbentAlone, alone.BaseAlone) : null,
        ChangeMixed = result.Later is { } mixed ? Changes(mixed.Incumbent, mixed.Base) : null,
    }, s_numbers) + "\n";

    // Incumbent and last base, calibrated, then uncalibrated.
    private static double[] Arms(LaterDays later, Func<Tally, double> figure) => [figure(later.Incumbent), figure(later.Base), figure(later.RawIncumbent), figure(later.RawBase)];

    // Positives of each objective, percent.
    private static IEnumerable<double> Changes(Tally incumbent, Tally last) => incumbent.Positives.Zip(last.Positives, (before, after) => 100 * ((after / before) - 1));
}
