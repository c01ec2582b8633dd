using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Ensembles;

/// <summary>What a head gives.</summary>
/// <param name="Logit">Of the score: [candidates, 1].</param>
/// <param name="UserRates">Log-odds of how often each outcome comes of what the user is shown: [users, M]; null without personal weights.</param>
public sealed record HeadOutputs(Tensor Logit, Tensor? UserRates);

/// <summary>
/// Pantheon section 3.1: the network that replaces the fusion formula. P = {ItemFea, stop-gradient(t^ctr), ..., UserFea} (Eq. 6), score
/// = sigmoid(Ensemble_Encoder(P)) (Eq. 7). No gradient reaches the ranking model, so any number of heads shares one of its passes.
/// </summary>
public static class PantheonHead
{
    /// <summary>Appends a head to a graph that has a ranking model.</summary>
    /// <param name="parameters">Takes its parameters, under the name of the head.</param>
    /// <param name="name">Prefix of its parameters.</param>
    /// <param name="states">Tower states t, one per objective or as many as there are: [candidates, d]; not read by <see cref="PantheonInput.Pxtrs"/>.</param>
    /// <param name="logits">Log-odds of the Pxtrs: [candidates, M]; read only by <see cref="PantheonInput.Pxtrs"/>.</param>
    /// <param name="user">Rows of the user: [users], and how many there are; null leaves UserFea out.</param>
    /// <param name="item">Rows of the item: [candidates]; null leaves ItemFea out.</param>
    /// <param name="about">What the ranking model knows of the user: [users, a]; only <see cref="PantheonOptions.Personal"/> reads it.</param>
    /// <param name="priors">Each objective's rate over the training rows.</param>
    public static HeadOutputs Build(
        NetworkParameters parameters, string name, IReadOnlyList<Tensor> states, Tensor logits, TableRows? user, TableRows? item, Tensor? about,
        IReadOnlyList<float> priors, PantheonOptions options)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(options);
        using var scope = parameters.Graph.Scope(name);
        var encodes = options.Encoder != PantheonEncoder.None;
        var own = options.EmbeddingWidth > 0;
        var userFea = own && user is not null && (encodes || about is null) ? parameters.Table("user", user.Count, options.EmbeddingWidth).Gather(user.Rows) : null;
        var fusion = options.Personal ? PersonalFusion.Build(parameters, logits.StopGradient(), about?.StopGradient() ?? userFea, priors) : null;
        if (!encodes)
        {
            return fusion ?? throw new ArgumentException("no encoder and no personal fusion came; expected one of them at least", nameof(options));
        }

        var itemFea = own && item is not null ? parameters.Table("item", item.Count, options.EmbeddingWidth).Gather(item.Rows) : null;
        // Of Pxtrs, each log-odds is a state of width 1.
        Tensor[] seen = options.Input == PantheonInput.HiddenStates
            ? [.. states.Select(state => state.StopGradient())]
            : logits.StopGradient().Split(1, [.. Enumerable.Repeat(1L, (int)logits.Shape[1].Value!.Value)]);
        var encoded = options.Encoder == PantheonEncoder.Mlp
            ? Mlp(parameters, seen, userFea, itemFea, options)
            : Transformer(parameters, seen, userFea, itemFea, options);
        return fusion is null
            ? new HeadOutputs(Score(parameters, encoded, Initialization.Glorot), null)
            // Begins as the fusion alone; what that lacks is learned on top.
            : fusion with { Logit = fusion.Logit + Score(parameters, encoded, Initialization.Zeros) };
    }

    private static Tensor Score(NetworkParameters parameters, Tensor encoded, Initialization weights)
    {
        using var scope = parameters.Graph.Scope("score");
        return encoded.Linear(parameters.Dense("weight", weights, (int)encoded.Shape[^1].Value!.Value, 1), parameters.Dense("bias", Initialization.Zeros, 1));
    }

    private static Tensor Mlp(NetworkParameters parameters, Tensor[] seen, Tensor? user, Tensor? item, PantheonOptions options)
    {
        var candidate = parameters.Graph.Concat(1, item is null ? seen : [item, .. seen]);
        var first = user is null
            ? parameters.Linear("first", candidate, options.Layers[0])
            : parameters.Linear("first", user, candidate, options.Layers[0]);
        return parameters.Stack("layers", first.Relu(), [.. options.Layers.Skip(1)]);
    }

    // Each state, the item and the user are a token; one layer, normalised first; the mean token gives the score. Our choice of sizes.
    private static Tensor Transformer(NetworkParameters parameters, Tensor[] seen, Tensor? user, Tensor? item, PantheonOptions options)
    {
        var graph = parameters.Graph;
        var tokens = seen.Select((state, objective) => parameters.Linear($"token/{objective}", state, options.TokenWidth)).ToList();
        if (item is not null)
        {
            tokens.Add(parameters.Linear("token/item", item, options.TokenWidth));
        }

        if (user is not null)
        {
            // Added to every token: a token of its own would have to be repeated for each candidate of a request.
            var shift = parameters.Linear("token/user", user, options.TokenWidth);
            tokens = [.. tokens.Select(token => token + shift)];
        }

        var x = graph.Concat(1, [.. tokens.Select(token => token.Unsqueeze(1))]);
        x += Attention(parameters, Normalised(parameters, "attention/norm", x), tokens.Count, options);
        var hidden = parameters.Linear("feed/in", Normalised(parameters, "feed/norm", x), 2 * options.TokenWidth).Gelu();
        x += parameters.Linear("feed/out", hidden, options.TokenWidth);
        return Normalised(parameters, "norm", x).ReduceMean([1]);
    }

    // softmax(Q K' / sqrt(d)) V over the tokens of a candidate (Vaswani et al. 2017, Eq. 1).
    private static Tensor Attention(NetworkParameters parameters, Tensor x, int tokens, PantheonOptions options)
    {
        var (width, heads) = (options.TokenWidth, options.Heads);
        var size = width / heads;
        Tensor Heads(string name) => parameters.Linear(name, x, width).Reshape(-1, tokens, heads, size).Transpose(0, 2, 1, 3);
        var queries = Heads("attention/query");
        var keys = Heads("attention/key").Transpose(0, 1, 3, 2);
        var weights = (queries.MatMul(keys) * (1 / MathF.Sqrt(size))).Softmax();
        var mixed = weights.MatMul(Heads("attention/value")).Transpose(0, 2, 1, 3).Reshape(-1, tokens, width);
        return parameters.Linear("attention/out", mixed, width);
    }

    private static Tensor Normalised(NetworkParameters parameters, string name, Tensor x)
    {
        using var scope = parameters.Graph.Scope(name);
        var width = (int)x.Shape[^1].Value!.Value;
        return x.LayerNormalization(parameters.Dense("scale", Initialization.Ones, width), parameters.Dense("shift", Initialization.Zeros, width));
    }
}
