using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Tests.Data;
using Pantheon.Learning.Tests.Training;
using Pantheon.Learning.Training;
using Pantheon.Modeling;

namespace Pantheon.Learning.Tests.Policies;

/// <summary>The policy in its loop, on half a day in which everybody clicks on and watches even videos.</summary>
public sealed class IppoStreamTests : IDisposable
{
    private static readonly TrainingConfig s_config = new()
    {
        Model = TrainingCase.Model,
        Training = TrainingCase.Options,
        // The log begins at ten in the morning.
        Ippo = new IppoStreamOptions { Warmup = TimeSpan.FromHours(13), Window = TimeSpan.FromHours(1), Policy = new IppoOptions { BurnInWindows = 0 } },
    };

    private static readonly Lazy<Dataset> s_data = new(() => PlantedLog.Load(5000, agree: true));

    private readonly TestFolder _folder = new();

    // All scores the same: half of GAUC, which whoever learns anything beats.
    private static Incumbent Clueless => new("nothing", (rows, _) => new float[rows.Count]);

    [Fact]
    public void Run_IncumbentThatCanBeBeaten_IsReplacedAndTheJournalSaysWhy()
    {
        var (result, stream, journal) = Run(Clueless);
        using var held = stream;

        var first = journal.First(decision => decision.Action == IppoAction.Promote);
        Assert.All(first.Gains.Zip(first.StandardErrors), pair => Assert.True(pair.First > 1.645 * pair.Second));
        Assert.Equal(result.Windows.SelectMany(window => window.Decisions).Select(decision => decision.Reason), journal.Select(decision => decision.Reason));
        Assert.NotNull(stream.Winner);
        var exposures = new ScoredExposures(s_data.Value, s_data.Value.Test);
        Assert.All(Gauc.Compute(result.Base!, exposures.Labels).Objectives, objective => Assert.True(objective.Gauc > 0.7, $"{objective.Gauc}"));
        // What would be published gives the very scores.
        using var scorer = new Scorer(s_data.Value.Schema, stream.Winner, stream.Priors, stream.Parameters, threads: 1);
        Assert.Equal(result.Base!, scorer.Score(s_data.Value, s_data.Value.Test).Scores[0]);
    }

    // After a promotion base and reference are one and learn the same: nothing is left to dominate.
    [Fact]
    public void Run_ReferenceThatBecameTheBase_IsNotPromotedOverItself()
    {
        var (result, stream, journal) = Run(Clueless, s_config with { Ippo = s_config.Ippo with { Policy = new IppoOptions { BurnInWindows = 1 } } });
        stream.Dispose();
        var at = result.Windows.ToList().FindIndex(window => window.Decisions[0].Action == IppoAction.Promote);
        Assert.Equal(result.Windows[at + 1].Windows[0].Base, result.Windows[at + 1].Windows[0].Reference);
        Assert.Single(journal, decision => decision.Action == IppoAction.Promote);
    }

    [Fact]
    public void Run_IncumbentThatKnowsTheTruth_StaysTheBase()
    {
        var (result, stream, journal) = Run(new Incumbent("truth", (rows, _) => [.. Enumerable.Range(rows.Start, rows.Count).Select(row => 1f - (s_data.Value.VideoId(row) % 2))]));
        using var held = stream;

        Assert.DoesNotContain(journal, decision => decision.Action == IppoAction.Promote);
        Assert.Contains(journal, decision => decision.Action == IppoAction.RaiseWeight);
        Assert.Null(stream.Winner);
        Assert.Null(result.Base);
    }

    // Prequential: what a window is judged by has seen nothing of it, nor of what comes later.
    [Fact]
    public void Run_OutcomesOfTheLastWindow_ChangeNoScoreBeforeTheDaysToTest()
    {
        var data = PlantedLog.Load(5000, agree: true);
        var seen = new List<(RowRange Rows, float[][] Pxtrs)>();
        Predictions Watch(Dataset log, List<(RowRange, float[][])> into)
        {
            // The incumbent is asked as long as it is the base.
            var config = s_config with { Ippo = s_config.Ippo with { Policy = new IppoOptions { BurnInWindows = 100 } } };
            using var stream = new IppoStream(log, config, new Incumbent("watch", (rows, current) =>
            {
                into.Add((rows, current.Pxtrs));
                return new float[rows.Count];
            }));
            using var journal = JsonLines.Open(Path.Combine(_folder.Path, $"{Guid.NewGuid()}.jsonl"));
            var result = stream.Run(journal);
            return new Predictions(result.Pxtrs, []);
        }

        var test = Watch(data, seen);
        var last = seen[^2].Rows;
        var flipped = new List<(RowRange Rows, float[][] Pxtrs)>();
        for (var row = last.Start; row < last.End; row++)
        {
            foreach (var column in data.Log.LabelColumns)
            {
                column[row] ^= 1;
            }
        }

        var other = Watch(data, flipped);

        Assert.Equal(seen.Count, flipped.Count);
        Assert.All(seen.Zip(flipped).SkipLast(1), pair => Assert.Equal(pair.First.Pxtrs[0], pair.Second.Pxtrs[0]));
        Assert.NotEqual(test.Pxtrs[0], other.Pxtrs[0]);
    }

    [Fact]
    public void Run_SeveralReferences_ShareTheRankingModelAndTheBestIsPromoted()
    {
        var heads = new[] { "a", "b" }.Select((name, index) => TrainingCase.Model.Heads[0] with
        {
            Name = name,
            Weights = new Dictionary<string, double> { ["is_click"] = index + 1, ["long_view"] = 1 },
        });
        var (result, stream, journal) = Run(Clueless, s_config with { Model = s_config.Model with { Heads = [.. heads] } });
        using var held = stream;

        var window = result.Windows.First(window => window.Decisions.Any(decision => decision.Action == IppoAction.Promote));
        double Worst(int reference) => window.Windows[reference].Reference.Zip(window.Windows[reference].Base).Min(pair => pair.First - pair.Second);
        Assert.Equal(Worst(0) >= Worst(1) ? "a" : "b", window.Decisions[^1].Reference);
        Assert.Equal(["a", "b"], result.References.Select(reference => reference.Name));
    }

    [Fact]
    public void New_ReferencesOfTwoShapes_AreRefused()
    {
        var head = TrainingCase.Model.Heads[0];
        var config = s_config with { Model = s_config.Model with { Heads = [head, head with { Name = "b", Network = head.Network with { Layers = [9] } }] } };

        Assert.Contains("model.heads", Assert.Throws<DataException>(() => new IppoStream(s_data.Value, config, Clueless)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_WarmupAsLongAsTheLog_IsRefused() => Assert.Contains(
        "ippo.warmup",
        Assert.Throws<DataException>(() => new IppoStream(s_data.Value, s_config with { Ippo = new IppoStreamOptions() }, Clueless)).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private (IppoResult Result, IppoStream Stream, IReadOnlyList<IppoDecision> Journal) Run(Incumbent incumbent, TrainingConfig? config = null)
    {
        var path = Path.Combine(_folder.Path, $"{Guid.NewGuid()}.jsonl");
        var stream = new IppoStream(s_data.Value, config ?? s_config, incumbent);
        using (var journal = JsonLines.Open(path))
        {
            return (stream.Run(journal), stream, JsonLines.Read<IppoDecision>(path));
        }
    }
}
