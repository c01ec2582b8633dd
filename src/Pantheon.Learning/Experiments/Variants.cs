using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;

namespace Pantheon.Learning.Experiments;

/// <summary>The learned ensembles of Pantheon Table 3, as heads of one ranking model: one pass of it feeds them all.</summary>
internal static class Variants
{
    public const string Pxtr = "pxtr_mlp";
    public const string Hidden = "hidden_mlp";
    public const string Transformer = "hidden_transformer";

    public static string TitleOf(string head) => head switch
    {
        Pxtr => "Pxtr & MLP",
        Hidden => "Hidden-State & MLP",
        Transformer => "Hidden-State & Transformer",
        _ => head,
    };

    /// <summary>The configuration's recommender with the three variants in the place of its heads; sizes are those of its first head.</summary>
    public static RecommenderOptions Of(RecommenderOptions options)
    {
        var first = options.Heads.Count > 0 ? options.Heads[0] : new HeadOptions();
        HeadOptions Head(string name, PantheonInput input, PantheonEncoder encoder) =>
            first with { Name = name, Network = first.Network with { Input = input, Encoder = encoder } };
        return options with
        {
            Heads =
            [
                Head(Hidden, PantheonInput.HiddenStates, PantheonEncoder.Mlp),
                Head(Pxtr, PantheonInput.Pxtrs, PantheonEncoder.Mlp),
                Head(Transformer, PantheonInput.HiddenStates, PantheonEncoder.Transformer),
            ],
        };
    }
}
