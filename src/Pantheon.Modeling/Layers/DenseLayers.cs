using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Layers;

/// <summary>The layers that all networks are made of.</summary>
public static class DenseLayers
{
    /// <summary>x W + b over the last axis.</summary>
    public static Tensor Linear(this NetworkParameters parameters, string name, Tensor value, int width)
    {
        using var scope = parameters.Graph.Scope(name);
        var inputs = (int)value.Shape[^1].Value!.Value;
        return value.Linear(parameters.Dense("weight", Initialization.Glorot, inputs, width), parameters.Dense("bias", Initialization.Zeros, width));
    }

    /// <summary>
    /// [u, v] W + b as u W_u + v W_v + b: what is the user's is multiplied once per request and broadcast over the candidates, in the
    /// same graph that trains with a user in every row.
    /// </summary>
    /// <param name="user">[users, a], users being 1 or the number of candidates.</param>
    /// <param name="candidates">[candidates, b].</param>
    public static Tensor Linear(this NetworkParameters parameters, string name, Tensor user, Tensor candidates, int width)
    {
        using var scope = parameters.Graph.Scope(name);
        var (a, b) = ((int)user.Shape[^1].Value!.Value, (int)candidates.Shape[^1].Value!.Value);
        var fromCandidates = candidates.Linear(parameters.Dense("candidate_weight", Initialization.Glorot, b, width), parameters.Dense("bias", Initialization.Zeros, width));
        return fromCandidates + user.Linear(parameters.Dense("user_weight", Initialization.Glorot, a, width), null);
    }

    /// <summary>Layers of these widths with ReLU after each.</summary>
    public static Tensor Stack(this NetworkParameters parameters, string name, Tensor value, IReadOnlyList<int> widths)
    {
        using var scope = parameters.Graph.Scope(name);
        for (var layer = 0; layer < widths.Count; layer++)
        {
            value = parameters.Linear($"{layer}", value, widths[layer]).Relu();
        }

        return value;
    }
}
