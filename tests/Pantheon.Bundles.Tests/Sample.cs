using System.Text;

namespace Pantheon.Bundles.Tests;

/// <summary>A small bundle with one of everything.</summary>
internal static class Sample
{
    public static readonly byte[] Model = Encoding.ASCII.GetBytes("not a graph; this room does not look inside");

    public static readonly byte[] Weights = [.. Enumerable.Range(0, 5000).Select(index => (byte)(index * 7))];

    public const string Items = "raw\trow\n128\t1\n140\t2\n-7\t3\n";

    public const string Users = "raw\trow\nanna\t1\nzoë\t2\n";

    public static Manifest Draft => new()
    {
        Model = "demo",
        Version = 3,
        Inputs =
        [
            new InputSpec
            {
                Name = "user_id",
                Type = ElementType.Int64,
                Side = FeatureSide.User,
                Shape = [1],
                Range = new IdRange(0, 2),
                Vocabulary = new VocabularySpec { File = "vocabularies/user_id.tsv", Kind = VocabularyKind.String, UnknownRow = 0 },
            },
            new InputSpec { Name = "user_dense", Type = ElementType.Float, Side = FeatureSide.User, Shape = [1, 2], AllowNonFinite = true },
            new InputSpec
            {
                Name = "item_id",
                Type = ElementType.Int64,
                Side = FeatureSide.Candidate,
                Shape = [null],
                Range = new IdRange(0, 3),
                Vocabulary = new VocabularySpec { File = "vocabularies/item_id.tsv", Kind = VocabularyKind.Int64, UnknownRow = 0 },
            },
            new InputSpec { Name = "item_dense", Type = ElementType.Float, Side = FeatureSide.Candidate, Shape = [null, 2] },
        ],
        Outputs =
        [
            new OutputSpec { Name = "score", Role = OutputRole.Score, Shape = [null] },
            new OutputSpec { Name = "pxtr", Role = OutputRole.Pxtr, Shape = [null, 2] },
        ],
        Objectives = ["click", "view"],
        Calibration = new CalibrationSpec
        {
            Own = new Moments(0.1, 0.05),
            Baseline = new Moments(0.3, 0.15),
            Scenarios = new Dictionary<string, ScenarioCalibration> { ["feed"] = new(new Moments(0.2, 0.1), new Moments(0.4, 0.2)) },
        },
        NonFiniteScores = NonFiniteScores.Drop,
        Lineage = new Lineage
        {
            CreatedAt = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.FromHours(8)),
            CreatedBy = "pantheon 0.1.0",
            Source = new SourceFile("model.onnx", new string('a', 64)),
            Opset = 16,
            Attribution = "née à Köln",
        },
    };

    public static IReadOnlyList<GoldenRequest> Goldens =>
    [
        new()
        {
            Candidates = 2,
            Inputs = new Dictionary<string, GoldenTensor>
            {
                ["user_id"] = new() { Shape = [1], Int64s = [2] },
                ["user_dense"] = new() { Shape = [1, 2], Floats = [0.1f, -3e-38f] },
                ["item_id"] = new() { Shape = [2], Int64s = [3, 0] },
                ["item_dense"] = new() { Shape = [2, 2], Floats = [1, 2, 3, 4] },
            },
            Outputs = new Dictionary<string, GoldenTensor>
            {
                ["score"] = new() { Shape = [2], Floats = [0.25f, 0.5f] },
                ["pxtr"] = new() { Shape = [2, 2], Floats = [0.1f, 0.2f, 0.3f, 0.4f] },
            },
        },
    ];

    public static IReadOnlyList<BundleSource> Sources =>
    [
        Source("model.onnx", Model),
        Source("weights/part0.bin", Weights),
        Source("vocabularies/item_id.tsv", Encoding.UTF8.GetBytes(Items)),
        Source("vocabularies/user_id.tsv", Encoding.UTF8.GetBytes(Users)),
        BundleSource.FromGoldens(Goldens),
    ];

    public static BundleSource Source(string name, byte[] content) => new(name, stream => stream.Write(content));

    public static Bundle Publish(string root) => BundlePublisher.Publish(root, Draft, Sources, _ => { });

    /// <summary>The reason an action is refused for.</summary>
    public static string Refusal(Action action) => Assert.Throws<BundleException>(action).Message;
}
