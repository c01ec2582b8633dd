using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Ranking;
using Pantheon.Onnx.Building;

namespace Pantheon.Learning.Frozen;

/// <summary>A graph that holds a frozen ranking model, for heads to be appended to.</summary>
/// <param name="Graph">Names of the model's values begin with <c>ranking/</c>, but for its inputs; all others are free.</param>
/// <param name="Outputs">States, and log-odds and Pxtrs of the schema's objectives.</param>
/// <param name="Pxtrs">The Pxtr outputs as the bundle's manifest has them, in its order.</param>
/// <param name="User">Rows of the user in the heads' own tables; null: not known how many there are, or no such feature.</param>
/// <param name="Item">Rows of the item; null likewise.</param>
internal sealed record FrozenGraph(GraphBuilder Graph, RankingOutputs Outputs, IReadOnlyList<Tensor> Pxtrs, TableRows? User, TableRows? Item)
{
    /// <summary>The feature that fills the rows of a table, by their name in the graph.</summary>
    public string FeatureOf(string rows, RecommenderOptions options) => rows == User?.Rows.Name ? options.UserFeature : rows == Item?.Rows.Name ? options.ItemFeature : rows;
}
