namespace Pantheon.Onnx.Graphs;

/// <summary>Graphs that take a user once, made to take one for every row.</summary>
public static class InputRows
{
    private const string Symbol = "rows";

    /// <summary>
    /// Opens the first dimension of some inputs. Whether the graph's nodes then do the same row by row is not decided here: they do where
    /// they broadcast, and only running both tells. The given model is unchanged.
    /// </summary>
    /// <param name="model">A graph without external data, or one that is saved beside them again.</param>
    /// <param name="inputs">Names of inputs whose first dimension is 1, or open as it is.</param>
    /// <exception cref="OnnxFormatException">There is no such input, or its first dimension is above 1, or it has none.</exception>
    public static OnnxModel WithRows(this OnnxModel model, IReadOnlyList<string> inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        var proto = model.Proto.Clone();
        foreach (var name in inputs)
        {
            var input = proto.Graph.Input.FirstOrDefault(input => input.Name == name);
            if (input?.Type?.TensorType?.Shape is not { Dim: [var first, ..] } shape || (first.HasDimValue && first.DimValue > 1))
            {
                throw new OnnxFormatException($"input '{name}' is no input whose first dimension is 1");
            }

            shape.Dim[0] = ((Dimension)Symbol).ToProto();
        }

        // Shapes that the exporter wrote down for values inside were those of one user.
        proto.Graph.ValueInfo.Clear();
        return new OnnxModel(proto);
    }
}
