using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;

namespace Pantheon.Learning.Experiments;

/// <summary>
/// The learned ensembles of Pantheon Table 3 and sums of Pxtrs with personal weights, as heads of one ranking model: one pass of it feeds
/// them all.
/// </summary>
internal static class Variants
{
    public const string Pxtr = "pxtr_mlp";
    public const string Hidden = "hidden_mlp";
    public const string Transformer = "hidden_transformer";

    /// <summary>Ours: a sum of Pxtrs with weights personal to the user, trained towards the mean GAUC.</summary>
    public const string Personal = "personal";

    private const string Often = "personal_often";
    private const string Half = "personal_half";
    private const string Rare = "personal_rare";

    // The same with other weights w (even / rate^t, so to say): below 0 for who lives by frequent outcomes, above by rare ones.
    private static readonly (string Head, double Lean)[] s_personal = [(Personal, 0), (Often, -1), (Half, 0.5), (Rare, 1)];

    /// <summary>The heads of which one is chosen for each formula, by the days to validate on.</summary>
    public static IReadOnlyList<string> Leanings { get; } = [.. s_personal.Select(personal => personal.Head)];

    public static string TitleOf(string head) => head switch
    {
        Personal => "Personal sum",
        Often => "Personal sum, towards frequent outcomes",
        Half => "Personal sum, half towards inverse rates",
        Rare => "Personal sum, weights of inverse rates",
        Pxtr => "Pxtr & MLP",
        Hidden => "Hidden-State & MLP",
        Transformer => "Hidden-State & Transformer",
        _ => head,
    };

    /// <summary>The configuration's recommender with the variants in the place of its heads; sizes are those of its first head.</summary>
    /// <param name="group">Rows of one user that stand together.</param>
    public static RecommenderOptions Of(RecommenderOptions options, IReadOnlyList<string> objectives, IReadOnlyList<float> priors, int group)
    {
        var first = options.Heads.Count > 0 ? options.Heads[0] : new HeadOptions();
        HeadOptions Head(string name, PantheonInput input, PantheonEncoder encoder) =>
            first with { Name = name, Loss = HeadLoss.CrossEntropy, Network = first.Network with { Input = input, Encoder = encoder, Personal = false } };
        var pairwise = new HeadOptions { Loss = HeadLoss.Pairwise, Network = new PantheonOptions { Personal = true, Encoder = PantheonEncoder.None } };
        var even = HeadWeights.Of(pairwise, objectives, priors, group);
        var inverse = HeadWeights.Of(new HeadOptions(), objectives, priors);
        return options with
        {
            Heads =
            [
                Head(Hidden, PantheonInput.HiddenStates, PantheonEncoder.Mlp),
                Head(Pxtr, PantheonInput.Pxtrs, PantheonEncoder.Mlp),
                Head(Transformer, PantheonInput.HiddenStates, PantheonEncoder.Transformer),
                .. s_personal.Select(personal => pairwise with
                {
                    Name = personal.Head,
                    Weights = objectives.Select((name, index) => (name, Weight: even[index] * Math.Pow(inverse[index] / even[index], personal.Lean)))
                        .ToDictionary(pair => pair.name, pair => pair.Weight, StringComparer.Ordinal),
                }),
            ],
        };
    }
}
