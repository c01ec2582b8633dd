using Pantheon.Bundles;

namespace Pantheon.Scoring.Tests.Hosting;

/// <summary>Manifests for the graphs that python/make_fixtures.py makes, and bundles of them in a folder that is gone after the test.</summary>
internal sealed class TestBundles : IDisposable
{
    private readonly string _root = System.IO.Directory.CreateTempSubdirectory("pantheon-scoring-").FullName;

    /// <summary>score = (user row + user features) . item row + item features . w; 10 users, 100 items, 2 Pxtrs.</summary>
    public static Manifest Rank { get; } = Draft(
        "rank",
        [
            User("user_id", ElementType.Int64, 1) with { Range = new IdRange(0, 9) },
            User("user_dense", ElementType.Float, 1, 4),
            Candidate("item_id", ElementType.Int64) with { Range = new IdRange(0, 99) },
            Candidate("item_dense", ElementType.Float, 2),
        ],
        [Score(), new OutputSpec { Name = "pxtr", Role = OutputRole.Pxtr, Shape = [null, 2] }],
        "click",
        "like");

    /// <summary>The same from a graph that wants the user once per candidate.</summary>
    public static Manifest RankTiled { get; } = Rank with
    {
        Model = "rank-tiled",
        Inputs =
        [
            User("user_id", ElementType.Int64, [null]) with { Range = new IdRange(0, 9) },
            User("user_dense", ElementType.Float, null, 4),
            .. Rank.Inputs.Skip(2),
        ],
    };

    /// <summary>score = (x + 2)^2 as a column; Pxtrs 2x, and x + 2 as a column.</summary>
    public static Manifest TwoPxtrs { get; } = Draft(
        "two-pxtrs",
        [Candidate("x", ElementType.Float)],
        [
            new OutputSpec { Name = "score", Role = OutputRole.Score, Shape = [null, 1] },
            new OutputSpec { Name = "like", Role = OutputRole.Pxtr, Shape = [null] },
            new OutputSpec { Name = "share", Role = OutputRole.Pxtr, Shape = [null, 1] },
        ],
        "like",
        "share");

    /// <summary>score = x, and NaN and infinity may come.</summary>
    public static Manifest Echo { get; } =
        Draft("echo", [Candidate("x", ElementType.Float) with { AllowNonFinite = true }], [Score()]);

    /// <summary>score = log(x): NaN below zero.</summary>
    public static Manifest Log { get; } = Draft("log", [Candidate("x", ElementType.Float)], [Score()]);

    /// <summary>As many rounds of a loop as `rounds` says.</summary>
    public static Manifest Slow { get; } =
        Draft("slow", [User("rounds", ElementType.Int64, 1), Candidate("x", ElementType.Float)], [Score()]);

    /// <summary>score = sum of 1,024 user features + x, from a graph that wants the user once per candidate.</summary>
    public static Manifest WideTiled { get; } =
        Draft("wide-tiled", [User("user", ElementType.Float, null, 1024), Candidate("x", ElementType.Float)], [Score()]);

    /// <summary>score = x . w, with w beside the graph.</summary>
    public static Manifest External { get; } = Draft(
        "external",
        [Candidate("x", ElementType.Float, 512)],
        [new OutputSpec { Name = "score", Role = OutputRole.Score, Shape = [null, 1] }]);

    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "fixtures", name);

    public static InputSpec User(string name, ElementType type, params long?[] shape) =>
        new() { Name = name, Type = type, Side = FeatureSide.User, Shape = shape };

    public static InputSpec Candidate(string name, ElementType type, params long?[] rest) =>
        new() { Name = name, Type = type, Side = FeatureSide.Candidate, Shape = [null, .. rest] };

    public static Manifest WithInput(Manifest manifest, InputSpec input) => manifest with
    {
        Inputs = [.. manifest.Inputs.Select(old => old.Name == input.Name ? input : old)],
    };

    /// <summary>Publishes a bundle and gives its directory.</summary>
    /// <param name="manifest">Its draft.</param>
    /// <param name="graph">The fixture that is its graph; null: the one named like the model.</param>
    /// <param name="files">Its other files, by name in the bundle, with their content.</param>
    public string Publish(Manifest manifest, string? graph = null, params (string Name, string Content)[] files)
    {
        List<BundleSource> sources = [BundleSource.FromFile(Bundle.ModelFile, Fixture($"{graph ?? manifest.Model}.onnx"))];
        sources.AddRange(files.Select(file => new BundleSource(file.Name, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(file.Content)))));
        return BundlePublisher.Publish(_root, manifest, sources, _ => { }).Directory;
    }

    /// <summary>Publishes a bundle with files that are no text.</summary>
    public string Publish(Manifest manifest, string graph, string name, byte[] content) => BundlePublisher.Publish(
        _root,
        manifest,
        [BundleSource.FromFile(Bundle.ModelFile, Fixture($"{graph}.onnx")), new BundleSource(name, stream => stream.Write(content))],
        _ => { }).Directory;

    public void Dispose() => System.IO.Directory.Delete(_root, recursive: true);

    private static OutputSpec Score() => new() { Name = "score", Role = OutputRole.Score, Shape = [null] };

    private static Manifest Draft(string model, IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs, params string[] objectives) => new()
    {
        Model = model,
        Version = Manifest.NextVersion,
        Inputs = inputs,
        Outputs = outputs,
        Objectives = objectives,
        Lineage = new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "tests" },
    };
}
