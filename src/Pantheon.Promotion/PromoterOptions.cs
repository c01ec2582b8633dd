using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pantheon.Exposures.Joining;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Features;
using Pantheon.Promotion.Live;

namespace Pantheon.Promotion;

/// <summary>What a promoter may do of its own.</summary>
public enum PromoterMode
{
    /// <summary>Publish what wins, try it out, and promote it.</summary>
    Act,

    /// <summary>The same once somebody has approved each.</summary>
    Approve,

    /// <summary>Learn, judge and journal, and change nothing.</summary>
    DryRun,
}

/// <summary>A step on the way from a win in the learner to full traffic.</summary>
/// <param name="Percent">Share of the users, above 0, at most 100.</param>
/// <param name="Time">How long it lasts at least.</param>
public sealed record TrialStep(double Percent, TimeSpan Time);

/// <summary>All that a promoter depends on but the exposures: one JSON file.</summary>
public sealed record PromoterOptions
{
    private static readonly JsonSerializerOptions s_fingerprint = new(ConfigurationJson.Options) { IncludeFields = true };

    /// <summary>The model whose base it may replace. Required.</summary>
    public string Model { get; init; } = "";

    /// <summary>
    /// The objectives, each with the outcome that makes it positive: <c>click=click</c>, <c>long_view=seconds>=60</c>. In the order of the
    /// counts that features hold. Required.
    /// </summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>What the gateway sends, and what it is to the network. Required.</summary>
    public IReadOnlyList<LiveFeature> Features { get; init; } = [];

    /// <summary>Length of a window. Default an hour, as in the paper.</summary>
    public TimeSpan Window { get; init; } = new JoinOptions().WindowLength;

    /// <summary>How long a window waits for feedback after its end. Default 30 minutes.</summary>
    public TimeSpan FeedbackDelay { get; init; } = new JoinOptions().FeedbackDelay;

    /// <summary>Which exposures are judged on. Default those of answers that were drawn at random: what the base chose favours the base.</summary>
    public JudgedExposures Exposures { get; init; }

    /// <summary>Windows that are only learned from before the first is judged, at least 1. Default 24: a day of hours.</summary>
    public int WarmupWindows { get; init; } = 24;

    /// <summary>
    /// Windows after which the base, once it is one of ours, is published anew: it goes on learning with the weights it was promoted with,
    /// and what serves would grow stale. 0: never. Default 24: daily.
    /// </summary>
    public int RefreshWindows { get; init; } = 24;

    /// <summary>Whether the base in service is this learner's from the start: published by it, or with the same options. Default false.</summary>
    public bool OwnBase { get; init; }

    /// <summary>w of Pantheon Eq. 8 that reference and own base begin with, by objective; positive. Default as a training's: each objective's inverse rate, or, with pairs, the inverse share of users' groups that have both classes.</summary>
    public IReadOnlyDictionary<string, double>? Weights { get; init; }

    /// <summary>Ranking model; heads in it are not read.</summary>
    public RecommenderOptions Recommender { get; init; } = new();

    /// <summary>The network of reference and base; its name and weights are not read.</summary>
    public HeadOptions Head { get; init; } = new();

    /// <summary>How it is trained: <c>epochs</c> passes over the first window, one over each later one at the rate's floor.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How much evidence a promotion takes.</summary>
    public IppoOptions Policy { get; init; } = IppoOptions.Live;

    /// <summary>
    /// What a winner goes through before it serves all, in growing shares. A step ends when all windows of its time are known, with
    /// <see cref="Trials.TrialGuard.MinimumUsers"/> on either side; without them after ten times that, lost. Default 5 % for an hour, 25 % for three.
    /// </summary>
    public IReadOnlyList<TrialStep> Steps { get; init; } = [new(5, TimeSpan.FromHours(1)), new(25, TimeSpan.FromHours(3))];

    /// <summary>The guard at each step.</summary>
    public Trials.TrialGuard Guard { get; init; } = new();

    /// <summary>What it may do of its own. Default all.</summary>
    public PromoterMode Mode { get; init; }

    /// <summary>How windows are cut and labelled.</summary>
    [JsonIgnore]
    public JoinOptions Join => new() { WindowLength = Window, FeedbackDelay = FeedbackDelay, Labels = [.. Labels.Select(LabelRule.Parse)] };

    [JsonIgnore]
    internal FeatureSchema Schema => LiveFeature.SchemaOf(Features, Objectives);

    /// <summary>Names of the objectives.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Objectives => [.. Labels.Select(label => LabelRule.Parse(label).Objective)];

    /// <summary>Of all that a checkpoint depends on.</summary>
    [JsonIgnore]
    internal string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        JsonSerializer.Serialize((Labels, Features, Recommender with { Heads = [] }, Head with { Weights = null }, Training.BatchSize), s_fingerprint))));

    /// <summary>Reads a file; what it leaves out keeps its default.</summary>
    /// <exception cref="ArgumentException">Not such a file; the message says where.</exception>
    public static PromoterOptions Read(string path)
    {
        try
        {
            var options = JsonSerializer.Deserialize<PromoterOptions>(File.ReadAllBytes(path), ConfigurationJson.Options) ?? throw new ArgumentException("null came, expected an object");
            options.Check();
            return options;
        }
        catch (JsonException error)
        {
            throw new ArgumentException(ConfigurationJson.Explain(path, error), error);
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"{path}: {error.Message}", error);
        }
        catch (FileNotFoundException)
        {
            throw new ArgumentException($"{path}: no such file, expected a promoter's configuration");
        }
    }

    /// <summary>The whole configuration, defaults spelt out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ConfigurationJson.Options);

    /// <summary>Throws what is wrong with it.</summary>
    /// <exception cref="ArgumentException">A field is missing or out of its range.</exception>
    public void Check()
    {
        if (Model.Length == 0)
        {
            throw new ArgumentException("model: got nothing, expected the name of a model");
        }

        Join.Validate();
        _ = Schema;
        Require(WarmupWindows >= 1, "warmup_windows", WarmupWindows, "at least 1");
        Require(RefreshWindows >= 0, "refresh_windows", RefreshWindows, "at least 0");
        var before = 0.0;
        for (var index = 0; index < Steps.Count; index++)
        {
            Require(Steps[index].Percent is > 0 and <= 100 && Steps[index].Percent > before, $"steps[{index}].percent", Steps[index].Percent, "above the one before, above 0 and at most 100");
            Require(Steps[index].Time >= TimeSpan.Zero, $"steps[{index}].time", Steps[index].Time, "at least 0");
            before = Steps[index].Percent;
        }

        Guard.Check();
        // The rest says itself what is wrong.
        _ = new IppoPolicy("reference", Objectives, [.. Objectives.Select(_ => 1.0)], [.. Objectives.Select(_ => 1.0)], Policy);
        if (Weights is not null)
        {
            _ = HeadWeights.Of(Head with { Weights = Weights }, Objectives, []);
        }
    }

    private static void Require(bool holds, string field, object came, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"{field}: got {came}, expected {expected}"));
        }
    }
}
