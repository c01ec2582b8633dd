using System.CommandLine;
using Grpc.Net.Client;
using Pantheon.Cli.Create;
using Pantheon.Cli.Models;
using Pantheon.Cli.Rank;
using Pantheon.Exposures.Stores;
using Pantheon.Promotion;
using Pantheon.Promotion.Trials;

namespace Pantheon.Cli.Promote;

/// <summary>`pantheon promote run`: IPPO on live exposures, as a process of its own.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan s_call = TimeSpan.FromMinutes(2);

    public static Command Of(Terminal terminal)
    {
        var config = new Option<string>("--config") { Description = "What it learns, judges and does: a JSON file (docs/promotion.md).", HelpName = "FILE", Required = true };
        var store = StoreOption.Of();
        var models = new RepositoryOptions("--models");
        var target = new Option<string>("--target") { Description = "The gRPC address of a replica, or of the proxy in front of several.", HelpName = "URL", DefaultValueFactory = static _ => "127.0.0.1:8500" };
        var state = new Option<string>("--state") { Description = "Its journal and checkpoint; started again with it, it goes on where it was.", HelpName = "DIRECTORY", Required = true };
        var since = new Option<DateTimeOffset?>("--since") { Description = "The first window's earliest time, where nothing was learned yet. Default: a day ago.", HelpName = "TIME" };
        var poll = new Option<double>("--poll") { Description = "Seconds between two looks.", HelpName = "SECONDS", DefaultValueFactory = static _ => 30 };
        var once = new Option<bool>("--once") { Description = "One look: what is due is done, and that is all." };
        var dry = new Option<bool>("--dry-run") { Description = "Learns, judges and journals, and changes nothing, whatever the file says." };
        var command = new Command("run", "Learns from what users do, and lets a better model through: published, tried out on a few users, then promoted.")
        {
            config, store, target, state, since, poll, once, dry,
        };
        models.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            async () =>
            {
                var address = ServiceAddress.Parse(target.Name, parsed.GetRequiredValue(target));
                var pause = RankCommand.Seconds(poll.Name, parsed.GetValue(poll), least: 0.01);
                var repository = models.Of(parsed, Path.Combine(parsed.GetRequiredValue(state), "model-cache"));
                using var held = repository as IDisposable;
                var place = new PromoterPlace(
                    repository, parsed.GetRequiredValue(state), Environment.MachineName, BundleCreation.Tool);
                await using var opened = await StoreOption.OpenAsync(parsed.GetRequiredValue(store), cancellation);
                using var channel = GrpcChannel.ForAddress(address);
                var control = new GrpcModelControl(
                    new Contracts.V1.Models.ModelsClient(channel), "promoter", Environment.GetEnvironmentVariable(ModelsCommand.TokenVariable) ?? "", s_call, TimeProvider.System);
                var from = parsed.GetValue(since) ?? DateTimeOffset.UtcNow.AddDays(-1);
                Promoter Open() => Make(parsed.GetRequiredValue(config), parsed.GetValue(dry), place, opened, control, from, terminal);
                try
                {
                    if (!parsed.GetValue(once))
                    {
                        await Promoter.RunAsync(Open, pause, TimeProvider.System, reason => terminal.Fail($"promote run: {reason}; it is tried again"), cancellation);
                    }

                    using var promoter = Open();
                    if (!await promoter.LookAsync(cancellation))
                    {
                        throw new CommandFailure($"another promoter has the lease of '{parsed.GetRequiredValue(config)}': it is the one that acts");
                    }

                    await promoter.ReleaseAsync();
                    return 0;
                }
                catch (Exception failure) when (failure is ExposureStoreException or ModelControlException or IOException)
                {
                    throw new CommandFailure(failure.Message);
                }
            },
            cancellation));
        return command;
    }

    private static Promoter Make(
        string config, bool isDry, PromoterPlace place, IExposureStore store, IModelControl control, DateTimeOffset since, Terminal terminal)
    {
        try
        {
            var options = PromoterOptions.Read(config);
            return new Promoter(
                isDry ? options with { Mode = PromoterMode.DryRun } : options, place, store, control, since, TimeProvider.System, entry => terminal.Output.WriteLine(PromotionReport.Line(entry)));
        }
        catch (ArgumentException mistake)
        {
            throw CommandFailure.OfUsage($"--config: {mistake.Message}");
        }
        catch (InvalidDataException failure)
        {
            throw new CommandFailure(failure.Message);
        }
    }
}
