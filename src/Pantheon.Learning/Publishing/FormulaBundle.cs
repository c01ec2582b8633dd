using Pantheon.Bundles;
using Pantheon.Onnx.Formulas;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Publishing;

/// <summary>A bundle's ranking model with a formula in the place of its own score.</summary>
public static class FormulaBundle
{
    private const string Score = "score";

    /// <summary>
    /// Publishes it. Inputs, vocabularies and Pxtrs are the base's, so that whoever calls the base may call it; what only the base's score
    /// needed is left out of the graph. Golden requests are the base's, the score in them computed by the formula outside of the graph.
    /// </summary>
    /// <param name="repository">Directory of the models.</param>
    /// <param name="model">Name of the model.</param>
    /// <param name="bundle">The base.</param>
    /// <param name="formula">Over all objectives of the base.</param>
    /// <param name="own">Moments of the formula's scores.</param>
    /// <param name="baseline">Of the scores that consumers are used to.</param>
    /// <param name="lineage">Where it comes from; source, formula, golden provenance, credit and licence are filled in.</param>
    /// <param name="check">Judges the bundle before it is seen.</param>
    /// <exception cref="BundleException">Nothing was published; the message says why.</exception>
    /// <exception cref="FormulaException">The base's Pxtrs do not fit the formula.</exception>
    /// <exception cref="OnnxFormatException">The base's graph cannot be rewritten.</exception>
    public static Bundle Publish(
        string repository, string model, Bundle bundle, FusionFormula formula, Moments own, Moments baseline, Lineage lineage, Action<Bundle> check)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(formula);
        ArgumentNullException.ThrowIfNull(lineage);
        var manifest = bundle.Manifest;
        string[] pxtrs = [.. manifest.Pxtrs.Select(output => output.Name)];
        var ranking = OnnxModel.Load(bundle.ModelPath).Without(manifest.Score.Name);
        var graph = formula.AppendTo(ranking, pxtrs, Score);
        var given = manifest.Files.First(file => file.Name == Bundle.ModelFile);
        var draft = manifest with
        {
            Model = model,
            Version = Manifest.NextVersion,
            Outputs = [new OutputSpec { Name = Score, Role = OutputRole.Score, Shape = [null] }, .. manifest.Pxtrs],
            Calibration = new CalibrationSpec { Own = own, Baseline = baseline },
            Lineage = lineage with
            {
                Source = new SourceFile(given.Name, given.Sha256),
                Producer = manifest.Lineage.Producer,
                Opset = graph.OpsetVersion,
                Formula = formula.Text,
                GoldenProvenance = bundle.Goldens.Count == 0 ? null : "the base's requests and Pxtrs, the score by the formula's own evaluation",
                Attribution = manifest.Lineage.Attribution,
                License = manifest.Lineage.License,
            },
            Files = [],
        };
        var files = draft.Inputs.Select(input => input.Vocabulary?.File).OfType<string>().Concat(graph.ExternalDataFiles.Select(Clean));
        List<BundleSource> sources =
        [
            new(Bundle.ModelFile, graph.Save),
            .. files.Distinct(StringComparer.Ordinal).Select(name => BundleSource.FromFile(name, Path.Combine(bundle.Directory, name))),
        ];
        if (bundle.Goldens.Count > 0)
        {
            using var trial = GraphTrial.Load(bundle.ModelPath);
            sources.Add(BundleSource.FromGoldens([.. bundle.Goldens.Select(golden => Golden(golden, trial, pxtrs, formula))]));
        }

        return BundlePublisher.Publish(repository, draft, sources, check);
    }

    // Whoever made the base's Pxtrs stands for these too; where a request has none, the base's graph does.
    private static GoldenRequest Golden(GoldenRequest golden, GraphTrial trial, string[] pxtrs, FusionFormula formula)
    {
        var outputs = pxtrs.All(golden.Outputs.ContainsKey)
            ? pxtrs.ToDictionary(name => name, name => golden.Outputs[name], StringComparer.Ordinal)
            : pxtrs.Zip(trial.Run(golden.Inputs.ToValues(), pxtrs)).ToDictionary(pair => pair.First, pair => pair.Second.ToGolden(), StringComparer.Ordinal);
        var scores = new float[golden.Candidates];
        var row = new double[formula.Objectives.Count];
        for (var candidate = 0; candidate < scores.Length; candidate++)
        {
            for (var objective = 0; objective < row.Length; objective++)
            {
                row[objective] = pxtrs.Length == 1
                    ? outputs[pxtrs[0]].Floats![(candidate * row.Length) + objective]
                    : outputs[pxtrs[objective]].Floats![candidate];
            }

            scores[candidate] = (float)formula.Evaluate(row);
        }

        outputs[Score] = new GoldenTensor { Shape = [golden.Candidates], Floats = scores };
        return golden with { Outputs = outputs };
    }

    // A graph may say ./weights.bin where a bundle says weights.bin.
    private static string Clean(string location) =>
        string.Join('/', location.Split('/', '\\').Where(segment => segment is not ("" or ".")));
}
