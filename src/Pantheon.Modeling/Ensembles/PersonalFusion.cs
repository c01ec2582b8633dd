using Pantheon.Modeling.Layers;
using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Ensembles;

/// <summary>
/// A fusion of Pxtrs whose weights are personal: log sum_m l_m p_m / (r_um + c_m), with r_um how often objective m comes of what user u is
/// shown. Ours. It is what one score has to be to do well in GAUC: an exposure adds to the AUC of m in proportion to p_m over the user's
/// number of positives N; with N Poisson of mean n r, E[1 / (1 + N)] = (1 - exp(-n r)) / (n r), which 1 / (n r + 1) follows. Whoever follows
/// every day needs no help to follow; whoever never does is no user of that objective's GAUC, and c bounds the weight there.
/// </summary>
internal static class PersonalFusion
{
    // Our choice: rates are smooth in what is known of a user.
    private const int Width = 32;

    // Where c begins: one positive in fifty exposures. Our choice; it is learned.
    private const float Bound = 0.02f;

    // l and c are few, and far from where they begin: they move faster than other parameters.
    private const float Haste = 5;

    /// <param name="logits">Log-odds of the Pxtrs: [candidates, M].</param>
    /// <param name="user">What is known of the user: [users, a].</param>
    /// <param name="priors">Each objective's rate over the training rows.</param>
    /// <exception cref="ArgumentException">Nothing is known of the user.</exception>
    public static HeadOutputs Build(NetworkParameters parameters, Tensor logits, Tensor? user, IReadOnlyList<float> priors)
    {
        if (user is null)
        {
            throw new ArgumentException("personal weights need a user: features of one, or an embedding of the head's own", nameof(user));
        }

        var graph = parameters.Graph;
        using var scope = graph.Scope("personal");
        var objectives = priors.Count;
        var odds = parameters.Linear("rates/out", parameters.Linear("rates/in", user, Width).Relu(), objectives)
            + graph.Constant([.. priors.Select(prior => MathF.Log(prior / (1 - prior)))], objectives);
        Tensor Positive(string name) => (parameters.Dense(name, Initialization.Zeros, objectives) * Haste).Exp();
        var weights = Positive("weight") / (odds.StopGradient().Sigmoid() + (Positive("bound") * Bound));
        var fused = (logits.Sigmoid() * weights).ReduceSum([1], keepDimensions: true).Log();
        return new HeadOutputs(fused * parameters.Dense("scale", Initialization.Ones, 1), odds);
    }
}
