using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>
/// What must hold before the rest of this room looks at a model. Any bytes can happen to be a protobuf message; this is what tells a
/// model from those. Operators and types are ONNX Runtime's to judge.
/// </summary>
internal static class ModelChecks
{
    public static bool IsDefaultDomain(string domain) => domain is "" or "ai.onnx";

    public static void Check(ModelProto model)
    {
        if (model.IrVersion < 1)
        {
            throw new OnnxFormatException("it is not an ONNX model: it states no version of the format (ir_version)");
        }

        if (model.Graph is not { } graph)
        {
            throw new OnnxFormatException("it has no graph");
        }

        if (model.OpsetImport.FirstOrDefault(opset => IsDefaultDomain(opset.Domain)) is not { Version: >= 1 })
        {
            throw new OnnxFormatException("it states no version of the default operator set (opset_import)");
        }

        if (graph.Output.Count == 0)
        {
            throw new OnnxFormatException("its graph has no outputs");
        }

        CheckNames(graph.Input, "input");
        CheckNames(graph.Output, "output");
    }

    private static void CheckNames(IEnumerable<ValueInfoProto> values, string kind)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            if (value.Name.Length == 0)
            {
                throw new OnnxFormatException($"its graph has an {kind} without a name");
            }

            if (!seen.Add(value.Name))
            {
                throw new OnnxFormatException($"its graph has two {kind}s named '{value.Name}'");
            }
        }
    }
}
