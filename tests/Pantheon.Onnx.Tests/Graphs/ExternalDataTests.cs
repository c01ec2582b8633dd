using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Tests.Graphs;

public sealed class ExternalDataTests
{
    [Fact]
    public void ExternalDataFiles_InitializersAttributesAndSubgraphs_ListsEachOnce()
    {
        var files = Fixture.Load("external.onnx").ExternalDataFiles;

        Assert.Equal(["branch.bin", "constants/k.bin", "weights.bin"], files.Order());
    }

    [Fact]
    public void ExternalDataFiles_SparseFunctionAndTrainingTensors_AreListed()
    {
        var model = TestModel.Pxtrs(16, ("pxtr", ["n", 2]));
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = Outside("values.bin"), Indices = Outside("indices.bin") });
        model.Graph.Node[0].Attribute.Add(new AttributeProto { Tensors = { Outside("list.bin") }, SparseTensor = new() { Values = Outside("sparse.bin") } });
        model.Functions.Add(new FunctionProto
        {
            Node = { new NodeProto { Attribute = { new AttributeProto { T = Outside("function.bin") } } } },
            AttributeProto = { new AttributeProto { G = new GraphProto { Initializer = { Outside("default.bin") } } } },
        });
        model.TrainingInfo.Add(new TrainingInfoProto { Algorithm = new GraphProto { Initializer = { Outside("training.bin") } } });

        Assert.Equal(
            ["default.bin", "function.bin", "indices.bin", "list.bin", "sparse.bin", "training.bin", "values.bin"],
            new OnnxModel(model).ExternalDataFiles.Order());
    }

    [Theory]
    [InlineData("weights.bin")]
    [InlineData("./weights.bin")]
    [InlineData("a b/c..d/..e")]
    public void ExternalDataFiles_InsideTheFolder_AsWritten(string location) =>
        Assert.Equal([location], new OnnxModel(With(Outside(location))).ExternalDataFiles);

    [Theory]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("\\\\server\\share\\w.bin", "absolute")]
    [InlineData("C:\\w.bin", "absolute")]
    [InlineData("c:w.bin", "absolute")]
    [InlineData("../w.bin", "leads out")]
    [InlineData("a/../../w.bin", "leads out")]
    [InlineData("a\\..\\..\\w.bin", "leads out")]
    [InlineData("..", "leads out")]
    [InlineData("", "does not say in which one")]
    [InlineData("  ", "does not say in which one")]
    [InlineData("weights/", "a folder")]
    [InlineData(".", "a folder")]
    [InlineData("w\0.bin", "no file name")]
    [InlineData("*/_ORT_MEM_ADDR_/*", "no file name")]
    public void Load_LocationElsewhere_IsRefused(string location, string reason)
    {
        var exception = Assert.Throws<OnnxFormatException>(() => new OnnxModel(With(Outside(location))));

        Assert.Contains("'t'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "abc")]
    [InlineData("length", "")]
    [InlineData("length", "99999999999999999999")]
    [InlineData("location", "second.bin")]
    public void Load_UnreadableEntry_IsRefused(string key, string value)
    {
        var tensor = Outside("w.bin");
        tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });

        Assert.Contains(key, Assert.Throws<OnnxFormatException>(() => new OnnxModel(With(tensor))).Message, StringComparison.Ordinal);
    }

    private static ModelProto With(TensorProto tensor)
    {
        var model = TestModel.Pxtrs(16, ("pxtr", ["n", 2]));
        model.Graph.Initializer.Add(tensor);
        return model;
    }

    private static TensorProto Outside(string location) => new()
    {
        Name = "t",
        DataType = (int)OnnxElementType.Float,
        DataLocation = TensorProto.Types.DataLocation.External,
        ExternalData = { new StringStringEntryProto { Key = "location", Value = location } },
    };
}
