using Pantheon.Onnx.Formulas;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.IdRanges;

namespace Pantheon.Onnx.Tests.Graphs;

/// <summary>The models that ship under models/, which other frameworks wrote.</summary>
public sealed class ShippedModelTests
{
    [Fact]
    public void Save_EachShippedModel_GivesTheSameModel()
    {
        using var folder = new TemporaryFolder();
        var pairs = new List<string>();
        foreach (string path in FindModels())
        {
            pairs.Add(path);
            pairs.Add(folder.PathOf($"{pairs.Count}.onnx"));
            OnnxModel.Load(path).Save(pairs[^1]);
        }

        ForeignPython.CheckModels("same", [.. pairs]);
        ForeignPython.CheckModels("check", [.. pairs.Where((_, index) => index % 2 == 1)]);
    }

    [Fact]
    public void Find_KuaiRand_IsTheEmbeddingTablesRows()
    {
        var findings = FindModels().Select(path => IdRangeAnalysis.Find(OnnxModel.Load(path)))
            .First(findings => findings.Any(finding => finding.Input == "item_id"));

        Assert.Equal([("user_id", 0, 664), ("item_id", 0, 1854)], findings.Select(finding => (finding.Input, finding.Minimum, finding.Maximum)));
        Assert.All(findings, finding => Assert.Empty(finding.Notes));
    }

    [Fact]
    public void AppendTo_KuaiRand_PassesTheForeignChecker()
    {
        using var folder = new TemporaryFolder();
        string[] objectives = ["is_click", "long_view", "is_comment", "is_profile_enter", "finish"];
        var model = FindModels().Select(OnnxModel.Load).First(model => model.Outputs.Any(output => output.Name == "pxtr"));
        FusionFormula.Parse("(1+is_click)^1.0 * (1+long_view)^0.5 + log(1+finish)", objectives)
            .AppendTo(model, ["pxtr"], "fused").Save(folder.PathOf("fused.onnx"));

        ForeignPython.CheckModels("check", folder.PathOf("fused.onnx"));
    }

    private static string[] FindModels()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Pantheon.Serving.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        Assert.NotNull(folder);
        string models = Path.Combine(folder, "models");
        var paths = Directory.Exists(models)
            ? Directory.GetFiles(models, "model.onnx", SearchOption.AllDirectories).Order().ToArray()
            : [];
        Assert.True(paths.Length > 0, $"no model.onnx under {models}; the demo bundle belongs there");
        return paths;
    }
}
