using Google.Protobuf;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Tests.Graphs;

public sealed class OnnxModelTests
{
    [Fact]
    public void Load_ExportedModel_TellsInputsOutputsAndOrigin()
    {
        var model = Fixture.Load("everything.onnx");

        Assert.Equal(["item_id: Int64 [candidates]", "scalar: Float []", "sequence: NotATensor of unknown rank"], model.Inputs.Select(i => i.ToString()));
        Assert.Equal(["y: Float [candidates,2]"], model.Outputs.Select(o => o.ToString()));
        Assert.Equal(new Dimension(null, "candidates"), model.Outputs[0].Shape![0]);
        Assert.Equal(new Dimension(2, null), model.Outputs[0].Shape![1]);
        Assert.Equal(16, model.OpsetVersion);
        Assert.Equal(8, model.IrVersion);
        Assert.Equal("fixtures 1", model.Producer);
        Assert.Empty(model.ExternalDataFiles);
    }

    [Fact]
    public void Inputs_InitializerListedAsInput_IsNone()
    {
        var model = Fixture.Load("ids-table-also-input.onnx");

        Assert.Equal("item_id", Assert.Single(model.Inputs).Name);
    }

    [Fact]
    public void Inputs_DimensionOfUnknownSize_HasNeitherValueNorSymbol()
    {
        var proto = TestModel.Pxtrs(16, ("pxtr", ["n", 2]));
        proto.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = -1;
        proto.Graph.Input[0].Type.TensorType.Shape.Dim[1].ClearValue();

        Assert.Equal([default, default], new OnnxModel(proto).Inputs[0].Shape!);
    }

    [Theory]
    [InlineData("everything.onnx")]
    [InlineData("external.onnx")]
    [InlineData("ids-captured.onnx")]
    public void Save_LoadedModel_GivesTheSameBytes(string name)
    {
        using var folder = new TemporaryFolder();
        Fixture.Load(name).Save(folder.PathOf("saved.onnx"));

        Assert.Equal(File.ReadAllBytes(Fixture.PathOf(name)), File.ReadAllBytes(folder.PathOf("saved.onnx")));
        ForeignPython.CheckModels("same", Fixture.PathOf(name), folder.PathOf("saved.onnx"));
    }

    [Fact]
    public void Save_OverAnotherFile_ReplacesItAndLeavesNothingElse()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("m.onnx"), "another");
        Fixture.Load("ids-plain.onnx").Save(folder.PathOf("m.onnx"));

        Assert.Single(Directory.GetFileSystemEntries(folder.PathOf("")));
        Assert.Equal("item_id", OnnxModel.Load(folder.PathOf("m.onnx")).Inputs[0].Name);
    }

    [Fact]
    public void Save_FolderMissing_ThrowsIOException() =>
        Assert.ThrowsAny<IOException>(() => Fixture.Load("ids-plain.onnx").Save("/nowhere/at/all/m.onnx"));

    [Fact]
    public void Load_FileMissing_ThrowsFileNotFound() =>
        Assert.Throws<FileNotFoundException>(() => OnnxModel.Load(Fixture.PathOf("absent.onnx")));

    [Fact]
    public void OpsetVersion_OtherDomainsFirst_IsTheDefaultDomains()
    {
        var proto = TestModel.Pxtrs(16, ("pxtr", ["n", 2]));
        proto.OpsetImport.Insert(0, new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        proto.OpsetImport[1].Domain = "ai.onnx";

        Assert.Equal(16, OnnxModel.Parse(proto.ToByteArray()).OpsetVersion);
    }
}
