using Pantheon.Cli.Evaluate;
using Pantheon.Learning.Frozen;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;
using Pantheon.Modeling.Ensembles;

namespace Pantheon.Cli.Train;

/// <summary>What `pantheon train --ranking` was given: somebody else's bundle, the log read for it, and the states found in its graph.</summary>
internal sealed class GivenRanking : IDisposable
{
    private GivenRanking(BundleLog log, FrozenRanking model) => (Log, Model) = (log, model);

    public BundleLog Log { get; }

    public FrozenRanking Model { get; }

    public string Name => $"{Log.Bundle.Manifest.Model} version {Log.Bundle.Manifest.Version}";

    /// <summary>What a training on it depends on, beside configuration and data.</summary>
    public string Identity => $"{Log.Bundle.Digest}\n{string.Join('\n', Model.States)}";

    /// <summary>What a report says of it.</summary>
    public IEnumerable<Fact> Facts =>
    [
        new("ranking model", $"{Name}, as it is"),
        new("ranking model's digest", Log.Bundle.Digest, IsCode: true),
        new("states", Model.States.Count > 0 ? string.Join(", ", Model.States) : "none: its Pxtrs only"),
    ];

    public static GivenRanking Open(string path, TrainRequest request, TrainingConfig config, ProgressLine progress, CancellationToken cancellation)
    {
        if (request.States.Count == 0 && config.Model.Heads.FirstOrDefault(head => head.Network.Input == PantheonInput.HiddenStates) is { } head)
        {
            throw CommandFailure.OfUsage($"--states: none came, expected those that head '{head.Name}' reads, or a configuration with its network.input pxtrs");
        }

        var bundle = BundleFolder.Open(path);
        // Before the log is read, which may take long.
        var model = FrozenRanking.Open(bundle, request.States);
        string[] own = [config.Model.UserFeature, config.Model.ItemFeature];
        var log = BundleLog.Open(bundle, request.Data, config.Features, own, progress, cancellation);
        try
        {
            foreach (var name in own.Where(name => !log.Data.Schema.Features.Any(feature => feature.Name == name)))
            {
                progress.Say($"heads have no embedding of their own of {name}: the log does not give it");
            }

            foreach (var input in log.Bundle.Manifest.Inputs.Where(input => own.Contains(input.Name) && !FrozenRanking.SharesRows(input)))
            {
                progress.Say($"heads have no embedding of their own of {input.Name}: the bundle gives no range of its rows, or one of too many");
            }

            model.Check(log.Data);
            return new GivenRanking(log, model);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    public void Dispose() => Log.Dispose();
}
