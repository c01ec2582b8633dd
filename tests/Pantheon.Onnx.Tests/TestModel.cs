using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Tests;

/// <summary>Small models made here rather than in Python, where a test wants many alike.</summary>
internal static class TestModel
{
    /// <summary>
    /// Outputs that repeat the inputs of the same name with <c>in_</c> before it. A dimension is a number, a symbol, or null for an
    /// unknown one.
    /// </summary>
    public static ModelProto Pxtrs(int opset, params (string Name, object?[]? Shape)[] outputs)
    {
        var graph = new GraphProto { Name = "pxtrs" };
        foreach (var (name, shape) in outputs)
        {
            graph.Input.Add(Value("in_" + name, shape));
            graph.Node.Add(new NodeProto { OpType = "Identity", Name = "make_" + name, Input = { "in_" + name }, Output = { name } });
            graph.Output.Add(Value(name, shape));
        }

        return new ModelProto
        {
            IrVersion = opset < 10 ? 3 : 8,
            ProducerName = "test",
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
            Graph = graph,
        };
    }

    public static ValueInfoProto Value(string name, object?[]? shape, OnnxElementType type = OnnxElementType.Float)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type };
        if (shape is not null)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (object? size in shape)
            {
                tensor.Shape.Dim.Add(size switch
                {
                    int value => new TensorShapeProto.Types.Dimension { DimValue = value },
                    string symbol => new TensorShapeProto.Types.Dimension { DimParam = symbol },
                    _ => new TensorShapeProto.Types.Dimension(),
                });
            }
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
