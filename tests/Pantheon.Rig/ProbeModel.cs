using Google.Protobuf;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;

namespace Pantheon.Rig;

/// <summary>
/// Models whose every score a test knows, and whose requests take as long as a test wants: score = x + item / 1000, after
/// <c>rounds</c> rounds of idle work of some 15 us each (probe.onnx, written by make_probe.py). There are several, which
/// differ in what their manifest allows.
/// </summary>
public static class ProbeModel
{
    /// <summary>Items are rows 0 to 9; scores must be finite.</summary>
    public const string Strict = "probe-strict";

    /// <summary>x may be NaN or infinite, and then the request fails.</summary>
    public const string Failing = "probe-failing";

    /// <summary>x may be NaN or infinite, and such candidates are dropped.</summary>
    public const string Dropping = "probe-dropping";

    /// <summary>Items are words: "zero", "one", "two"; others are row 9. Calibrated, with a scenario "home".</summary>
    public const string Words = "probe-words";

    /// <summary>Rounds that take longer than any test: minutes.</summary>
    public const long Endless = 10_000_000;

    /// <summary>Calibration of <see cref="Words"/>: doubles the score and adds 1; in "home" it adds 3.</summary>
    private static readonly CalibrationSpec Doubling = new()
    {
        Own = new Moments(0, 1),
        Baseline = new Moments(1, 2),
        Scenarios = new Dictionary<string, ScenarioCalibration> { ["home"] = new(new Moments(0, 1), new Moments(3, 2)) },
    };

    /// <summary>Publishes one of them.</summary>
    /// <param name="repository">Where to.</param>
    /// <param name="name">One of the names above decides the manifest; any other is <see cref="Strict"/> under that name.</param>
    /// <param name="version">Its version.</param>
    /// <returns>The version's folder.</returns>
    public static string Publish(string repository, string name, long version = 1) => Publish(new ModelRepository(repository), name, version);

    /// <inheritdoc cref="Publish(string, string, long)"/>
    public static string Publish(ModelRepository repository, string name, long version)
    {
        var isWords = name == Words;
        var draft = new Manifest
        {
            Model = name,
            Version = version,
            Inputs =
            [
                new InputSpec { Name = "rounds", Type = ElementType.Int64, Side = FeatureSide.User, Shape = [1], Range = new IdRange(0, Endless) },
                new InputSpec { Name = "x", Type = ElementType.Float, Side = FeatureSide.Candidate, Shape = [null], AllowNonFinite = name is Failing or Dropping },
                new InputSpec
                {
                    Name = "item",
                    Type = ElementType.Int64,
                    Side = FeatureSide.Candidate,
                    Shape = [null],
                    Range = new IdRange(0, 9),
                    Vocabulary = isWords ? new VocabularySpec { File = "vocabularies/item.tsv", Kind = VocabularyKind.String, UnknownRow = 9 } : null,
                },
            ],
            Outputs = [new OutputSpec { Name = "score", Role = OutputRole.Score, Shape = [null] }],
            Objectives = [],
            Calibration = isWords ? Doubling : null,
            NonFiniteScores = name == Dropping ? NonFiniteScores.Drop : NonFiniteScores.Fail,
            Lineage = new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "test" },
        };
        List<BundleSource> sources = [BundleSource.FromFile(Bundle.ModelFile, Path.Combine(AppContext.BaseDirectory, "Probe", "probe.onnx"))];
        if (isWords)
        {
            sources.Add(new BundleSource("vocabularies/item.tsv", stream => stream.Write("raw\trow\nzero\t0\none\t1\ntwo\t2\n"u8)));
        }

        return BundlePublisher.Publish(repository, draft, sources, static _ => { }).Directory;
    }

    /// <summary>A request for candidates of item 0 that scores x, in the order of their positions.</summary>
    /// <param name="model">Which of the models but <see cref="Words"/>.</param>
    /// <param name="rounds">How long it takes.</param>
    /// <param name="x">One for each candidate; none: one candidate of score 0.5.</param>
    public static RankRequest Request(string model, long rounds = 0, params float[] x)
    {
        x = x.Length == 0 ? [0.5f] : x;
        return new RankRequest
        {
            RequestId = $"{model}-{rounds}",
            Model = model,
            UserFeatures = { DemoModel.Feature("rounds", [rounds], ValueForm.Lists) },
            CandidateFeatures =
            {
                DemoModel.Feature("x", x, ValueForm.Data),
                DemoModel.Feature("item", new long[x.Length], ValueForm.Lists),
            },
        };
    }

    /// <summary>A request of <see cref="Words"/>; every x is 0.</summary>
    public static RankRequest RequestOfWords(params string[] words)
    {
        var request = new RankRequest
        {
            RequestId = Words,
            Model = Words,
            UserFeatures = { DemoModel.Feature("rounds", [0L], ValueForm.Lists) },
            CandidateFeatures = { DemoModel.Feature("x", new float[words.Length], ValueForm.Data), new Feature { Name = "item", Strings = { words } } },
        };
        return request;
    }
}
