using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Formulas;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Tests.Formulas;

public sealed class AppendedFormulaTests
{
    private static readonly int[] Opsets = [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22];

    private static readonly string[] Layouts = ["columns", "open columns", "vectors", "one column each", "open column each"];

    [Fact]
    public void AppendTo_GoldenFormulasInEveryOpsetAndLayout_GraphAgreesWithEvaluateAndPython()
    {
        var golden = GoldenFormulas.Instance;
        for (int index = 0; index < golden.Entries.Length; index++)
        {
            var entry = golden.Entries[index];
            int opset = Opsets[index % Opsets.Length];
            string layout = Layouts[index % Layouts.Length];
            var formula = FusionFormula.Parse(entry.Formula, golden.Objectives);
            float[] scores = Run(Appended(formula, opset, layout), layout, golden.Objectives, golden.Pxtrs);

            for (int row = 0; row < scores.Length; row++)
            {
                double expected = formula.Evaluate(golden.Pxtrs[row]);
                double tolerance = 1e-5 * Math.Max(1, Math.Abs(expected));
                Assert.True(Math.Abs(scores[row] - expected) <= tolerance, $"opset {opset}, {layout}: {entry.Formula}: {scores[row]}, expected {expected}");
                Assert.True(Math.Abs(scores[row] - entry.Values[row]) <= tolerance, entry.Formula);
            }
        }
    }

    [Fact]
    public void AppendTo_EveryFunctionInEveryOpsetAndLayout_Runs()
    {
        string[] objectives = ["a", "b"];
        double[][] pxtrs = [[0.25, 0.75], [0.5, 0.125]];
        var formula = FusionFormula.Parse("-log(a) + exp(b) - sqrt(a) * sigmoid(b) / min(a, 0.3) ^ max(b, a)", objectives);
        foreach (int opset in Opsets)
        {
            foreach (string layout in Layouts)
            {
                float[] scores = Run(Appended(formula, opset, layout), layout, objectives, pxtrs);
                Assert.Equal([(float)formula.Evaluate(pxtrs[0]), (float)formula.Evaluate(pxtrs[1])], scores.Select(score => score), (x, y) => Math.Abs(x - y) < 1e-6);
            }
        }
    }

    [Theory]
    [InlineData("log(a)", 0)]
    [InlineData("log(a)", -1)]
    [InlineData("sqrt(a)", -1)]
    [InlineData("1/a", 0)]
    [InlineData("-1/a", 0)]
    [InlineData("a/a", 0)]
    [InlineData("a^0.5", -1)]
    [InlineData("(a-1)^0", 0)]
    [InlineData("0^a", 0)]
    [InlineData("sigmoid(a*1000)", -1)]
    [InlineData("sigmoid(a*1000)", 1)]
    [InlineData("exp(a*1000)", 1)]
    [InlineData("a*1e300", 1)]
    [InlineData("a*1e-300*1e300", 1)]
    [InlineData("min(a, 0.5)", float.NaN)]
    [InlineData("max(a, 0.5)", float.NaN)]
    [InlineData("min(0.5, a)", float.NaN)]
    [InlineData("1/-a", 0)]
    public void AppendTo_OutsideTheDomain_GraphAgreesWithEvaluate(string text, float pxtr)
    {
        var formula = FusionFormula.Parse(text, ["a"]);
        float score = Assert.Single(Run(Appended(formula, 16, "vectors"), "vectors", ["a"], [[pxtr]]));

        Assert.Equal((float)formula.Evaluate([pxtr]), score);
    }

    [Fact]
    public void AppendTo_SmallPxtrs_KeepsTheirDigits()
    {
        // In float 1 + 1e-6 has two digits of the 1e-6 left.
        var formula = FusionFormula.Parse("((1+a)^2 - 1) * 1e6", ["a"]);
        float pxtr = 1.2345678e-6f;

        Assert.Equal(formula.Evaluate([pxtr]), Assert.Single(Run(Appended(formula, 16, "vectors"), "vectors", ["a"], [[pxtr]])), 1e-6);
    }

    [Fact]
    public void AppendTo_Model_LeavesItAloneAndAddsOneOutput()
    {
        var model = new OnnxModel(TestModel.Pxtrs(16, ("pxtr", ["candidates", 2])));
        byte[] before = model.Proto.ToByteArray();
        var appended = FusionFormula.Parse("a*b", ["a", "b"]).AppendTo(model, ["pxtr"], "score");

        Assert.Equal(before, model.Proto.ToByteArray());
        Assert.Equal(["pxtr: Float [candidates,2]", "score: Float [candidates]"], appended.Outputs.Select(output => output.ToString()));
        Assert.Equal(model.Inputs, appended.Inputs, (x, y) => x.ToString() == y.ToString());
    }

    [Fact]
    public void AppendTo_NumbersAndUnusedObjectives_AddNoNodes()
    {
        var model = new OnnxModel(TestModel.Pxtrs(16, ("pxtr", ["n", 3])));
        var appended = FusionFormula.Parse("(2*3-5)*b^1.0/1", ["a", "b", "c"]).AppendTo(model, ["pxtr"], "score");

        Assert.Equal(["Identity", "Constant", "Gather", "Cast", "Cast"], appended.Proto.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void AppendTo_NamesInTheWay_AreSteppedOver()
    {
        // Every name that the editor would choose is there already: as a value, as a node, and inside a subgraph.
        var proto = TestModel.Pxtrs(16, ("pxtr", ["n", 2]));
        var inner = new GraphProto { Name = "inner" };
        for (int number = 0; number < 8; number++)
        {
            foreach (string operation in new[] { "Constant", "Gather", "Cast", "Mul" })
            {
                string name = $"score/{operation}_{number}";
                switch (number % 3)
                {
                    case 0:
                        proto.Graph.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { "in_pxtr" }, Output = { "x" + name } });
                        break;
                    case 1:
                        proto.Graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "in_pxtr" }, Output = { name } });
                        break;
                    default:
                        inner.Node.Add(new NodeProto { OpType = "Identity", Input = { "in_pxtr" }, Output = { name } });
                        break;
                }
            }
        }

        inner.Output.Add(TestModel.Value("score/Mul_2", ["n", 2]));
        var flag = TestModel.Value("flag", [], OnnxElementType.Bool);
        proto.Graph.Input.Add(flag);
        proto.Graph.Node.Add(new NodeProto
        {
            OpType = "If",
            Input = { "flag" },
            Output = { "chosen" },
            Attribute =
            {
                new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = inner },
                new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = inner.Clone() },
            },
        });
        var appended = FusionFormula.Parse("a*b", ["a", "b"]).AppendTo(new OnnxModel(proto), ["pxtr"], "score");

        var values = appended.Proto.Graph.Node.SelectMany(node => node.Output).ToList();
        Assert.Equal(values.Count, values.Distinct().Count());
        var names = appended.Proto.Graph.Node.Select(node => node.Name).Where(name => name.Length > 0).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        using var session = new InferenceSession(appended.Proto.ToByteArray());
        using var results = session.Run([
            NamedOnnxValue.CreateFromTensor("in_pxtr", new DenseTensor<float>(new[] { 0.5f, 0.25f }, [1, 2])),
            NamedOnnxValue.CreateFromTensor("flag", new DenseTensor<bool>(new[] { true }, ReadOnlySpan<int>.Empty)),
        ], ["score"]);
        Assert.Equal(0.125f, results[0].AsTensor<float>().Single());
    }

    [Fact]
    public void AppendTo_OpenColumnsThatAreOthersThanTheObjectives_FailsTheRun()
    {
        var appended = Appended(FusionFormula.Parse("a*b", ["a", "b"]), 16, "open columns");
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var session = new InferenceSession(appended.Proto.ToByteArray(), options);

        Assert.ThrowsAny<OnnxRuntimeException>(() => session.Run(
            [NamedOnnxValue.CreateFromTensor("in_pxtr", new DenseTensor<float>(new float[6], [2, 3]))]).Dispose());
    }

    [Fact]
    public void AppendTo_NoCandidates_GivesNoScores() =>
        Assert.All(Layouts, layout => Assert.Empty(Run(Appended(FusionFormula.Parse("a*b", ["a", "b"]), 16, layout), layout, ["a", "b"], [])));

    [Fact]
    public void AppendTo_AnyLayout_PassesTheForeignChecker()
    {
        using var folder = new TemporaryFolder();
        var formula = FusionFormula.Parse("-log(a+1) + exp(b) - sqrt(a) * sigmoid(b) / min(a, 0.3) ^ max(b, a)", ["a", "b"]);
        var paths = new List<string>();
        foreach (int opset in Opsets.Where(opset => opset <= 17))
        {
            foreach (string layout in Layouts)
            {
                paths.Add(folder.PathOf($"{opset} {layout}.onnx"));
                Appended(formula, opset, layout).Save(paths[^1]);
            }
        }

        ForeignPython.CheckModels("check", [.. paths]);
    }

    [Fact]
    public void AppendTo_GraphThatDoesNotFit_SaysWhatCameAndWhatWasExpected()
    {
        AssertRefused(TestModel.Pxtrs(8, ("pxtr", ["n", 2])), ["pxtr"], "the model uses operator set 8; expected 9 or newer (export the model again)");
        AssertRefused(TestModel.Pxtrs(16, ("pxtr", ["n", 2])), ["p"], "the graph has no output 'p' for the Pxtrs; expected one of pxtr");
        AssertRefused(TestModel.Pxtrs(16, ("pxtr", ["n", 3])), ["pxtr"], "Pxtr output 'pxtr' is Float [n,3]; expected Float [n,2], a column for each of a, b");
        AssertRefused(TestModel.Pxtrs(16, ("pxtr", ["n"])), ["pxtr"], "Pxtr output 'pxtr' is Float [n]; expected Float [n,2], a column for each of a, b");
        AssertRefused(TestModel.Pxtrs(16, ("pxtr", ["n", 2, 1])), ["pxtr"], "Pxtr output 'pxtr' is Float [n,2,1]; expected Float [n,2], a column for each of a, b");
        AssertRefused(TestModel.Pxtrs(16, ("pxtr", null)), ["pxtr"], "Pxtr output 'pxtr' is Float of unknown rank; expected Float [n,2], a column for each of a, b");
        AssertRefused(TestModel.Pxtrs(16, ("x", ["n"]), ("y", ["n", 2])), ["x", "y"], "Pxtr output 'y' is Float [n,2]; expected Float [n] or [n,1]");
        AssertRefused(TestModel.Pxtrs(16, ("x", [3]), ("y", [4])), ["x", "y"], "the Pxtr outputs have 3 and 4 rows; expected as many in each");
        AssertRefused(TestModel.Pxtrs(16, ("x", ["n"]), ("y", ["n"])), ["x", "x"], "one Pxtr output came twice; expected a different one for each objective");
        AssertRefused(TestModel.Pxtrs(16, ("x", ["n"]), ("y", ["n"]), ("z", ["n"])), ["x", "y", "z"],
            "3 Pxtr outputs came for 2 objectives; expected one output for all, or one for each");
        AssertRefused(TestModel.Pxtrs(16, ("pxtr", ["n", 2])), [], "0 Pxtr outputs came for 2 objectives; expected one output for all, or one for each");
        AssertRefused(TestModel.Pxtrs(16, ("pxtr", ["n", 2]), ("score", ["n"])), ["pxtr"],
            "the graph already has a value named 'score'; expected a new name for the score");

        var half = TestModel.Pxtrs(16, ("pxtr", ["n", 2]));
        half.Graph.Output[0].Type.TensorType.ElemType = (int)OnnxElementType.Float16;
        AssertRefused(half, ["pxtr"], "Pxtr output 'pxtr' is Float16 [n,2]; expected Float [n,2], a column for each of a, b");
    }

    private static void AssertRefused(ModelProto model, string[] outputs, string message)
    {
        var formula = FusionFormula.Parse("a*b", ["a", "b"]);
        var exception = Assert.Throws<FormulaException>(() => formula.AppendTo(new OnnxModel(model), outputs, "score"));

        Assert.Null(exception.Position);
        Assert.Equal(message, exception.Message);
    }

    private static OnnxModel Appended(FusionFormula formula, int opset, string layout)
    {
        int count = formula.Objectives.Count;
        (string, object?[]?)[] outputs = layout switch
        {
            "columns" => [("pxtr", ["n", count])],
            "open columns" => [("pxtr", ["n", null])],
            "vectors" => [.. formula.Objectives.Select(name => (name, new object?[] { "n" }))],
            "one column each" => [.. formula.Objectives.Select(name => (name, new object?[] { "n", 1 }))],
            _ => [.. formula.Objectives.Select(name => (name, new object?[] { "n", "m" }))],
        };
        var model = new OnnxModel(TestModel.Pxtrs(opset, outputs!));
        return formula.AppendTo(model, [.. outputs.Select(output => output.Item1)], "score");
    }

    private static float[] Run(OnnxModel model, string layout, string[] objectives, double[][] pxtrs)
    {
        var feeds = layout.EndsWith("columns", StringComparison.Ordinal)
            ? [Feed("in_pxtr", pxtrs.SelectMany(row => row), [pxtrs.Length, objectives.Length])]
            : objectives.Select((name, objective) => Feed(
                "in_" + name, pxtrs.Select(row => row[objective]), layout == "vectors" ? [pxtrs.Length] : [pxtrs.Length, 1])).ToList();
        using var session = new InferenceSession(model.Proto.ToByteArray());
        using var results = session.Run(feeds, ["score"]);
        var score = results[0].AsTensor<float>();
        Assert.Equal([pxtrs.Length], score.Dimensions.ToArray());
        return [.. score];
    }

    private static NamedOnnxValue Feed(string name, IEnumerable<double> values, int[] shape) =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(values.Select(value => (float)value).ToArray(), shape));
}
