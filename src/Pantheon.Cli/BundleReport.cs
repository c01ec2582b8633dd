using System.Globalization;
using Pantheon.Bundles;
using Spectre.Console;

namespace Pantheon.Cli;

/// <summary>What a bundle is, for people.</summary>
internal static class BundleReport
{
    /// <param name="terminal">Where to.</param>
    /// <param name="check">The bundle, verified.</param>
    /// <param name="notes">What else there is to say, a sentence each.</param>
    public static void Print(Terminal terminal, BundleCheck check, IEnumerable<string> notes)
    {
        var manifest = check.Bundle.Manifest;
        terminal.Tables.Write(Inputs(check));
        terminal.Tables.Write(Outputs(manifest));
        var facts = new Grid().AddColumn(new GridColumn().NoWrap().Padding(1, 0, 2, 0)).AddColumn();
        Add(facts, "objectives", manifest.Objectives.Count == 0 ? "none" : string.Join(", ", manifest.Objectives));
        Add(facts, "calibration", Calibration(manifest.Calibration));
        Add(facts, "not finite", manifest.NonFiniteScores == NonFiniteScores.Fail ? "the request fails" : "the candidate is dropped");
        Add(facts, "goldens", Goldens(check));
        AddIf(facts, "formula", manifest.Lineage.Formula);
        Add(facts, "graph", Graph(manifest.Lineage));
        AddIf(facts, "attribution", manifest.Lineage.Attribution);
        AddIf(facts, "license", manifest.Lineage.License);
        Add(facts, "files", string.Create(
            CultureInfo.InvariantCulture, $"{manifest.Files.Count} besides {Manifest.FileName}, {manifest.Files.Sum(file => file.Size):N0} bytes"));
        Add(facts, "bundle", $"{manifest.Model} version {manifest.Version} in {check.Bundle.Directory}");
        Add(facts, "digest", check.Bundle.Digest);
        terminal.Tables.Write(facts);
        foreach (var note in Undecided(check).Concat(notes))
        {
            terminal.Tables.WriteLine($" note: {note}");
        }
    }

    private static Table Inputs(BundleCheck check)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("input", "type", "shape", "side", "given", "valid ids", "vocabulary");
        foreach (var input in check.Bundle.Manifest.Inputs)
        {
            table.AddRow(
                Cell(input.Name), Cell(input.Type.ToString().ToLowerInvariant()), Cell(Shape(input.Shape)),
                Cell(input.Side.ToString().ToLowerInvariant()), Cell(Given(input)), Cell(Ids(check, input)), Cell(Vocabulary(check.Bundle, input)));
        }

        return table;
    }

    private static Table Outputs(Manifest manifest)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("output", "shape", "holds");
        table.AddRow(Cell(manifest.Score.Name), Cell(Shape(manifest.Score.Shape)), Cell("the score that candidates are ranked by"));
        for (var i = 0; i < manifest.Pxtrs.Count; i++)
        {
            var pxtr = manifest.Pxtrs[i];
            table.AddRow(
                Cell(pxtr.Name), Cell(Shape(pxtr.Shape)),
                Cell(manifest.Pxtrs.Count == 1 ? "the Pxtrs, a column for each objective" : $"the Pxtr of {manifest.Objectives[i]}"));
        }

        return table;
    }

    private static string Given(InputSpec input) => input switch
    {
        { Side: FeatureSide.Candidate } => "for each candidate",
        { Tiled: true } => "once, tiled by the service",
        _ => "once, broadcast by the graph",
    };

    private static string Ids(BundleCheck check, InputSpec input)
    {
        if (input.Type == ElementType.Float)
        {
            return input.AllowNonFinite ? "any, NaN too" : "";
        }

        var found = check.Ids.FirstOrDefault(finding => finding.Input == input.Name);
        return (input.Range, found?.IsDecided) switch
        {
            (null, _) => "undecided",
            (var range, true) when range.Min == found!.Minimum && range.Max == found.Maximum => $"{range.Min} to {range.Max}",
            (var range, _) => $"{range.Min} to {range.Max}, as stated",
        };
    }

    private static string Vocabulary(Bundle bundle, InputSpec input) => input.Vocabulary is { } spec
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{bundle.Vocabularies[input.Name].Count:N0} raw {spec.Kind.ToString().ToLowerInvariant()} ids, unknown to row {spec.UnknownRow}")
        : "";

    private static string Calibration(CalibrationSpec? calibration) => calibration is null
        ? "none: scores are returned as the graph gives them"
        : string.Create(CultureInfo.InvariantCulture, $"{Print(calibration.Own)} to {Print(calibration.Baseline)}")
            + (calibration.Scenarios.Count == 0 ? "" : $", and {calibration.Scenarios.Count} scenarios: {string.Join(", ", calibration.Scenarios.Keys)}");

    private static string Print(Moments moments) =>
        string.Create(CultureInfo.InvariantCulture, $"mean {moments.Mean:G6}, std {moments.Std:G6}");

    private static string Goldens(BundleCheck check) => check.Worst is not { } worst
        ? "none"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{check.Bundle.Goldens.Count} requests of {string.Join(", ", check.Bundle.Goldens.Select(golden => golden.Candidates))} candidates, worst difference {worst.Value:0.0e+0} ({check.Bundle.Manifest.Lineage.GoldenProvenance ?? "of unknown origin"})");

    private static string Graph(Lineage lineage) => string.Join(
        ", ",
        new[] { lineage.Source?.Name, string.IsNullOrEmpty(lineage.Producer) ? null : $"by {lineage.Producer}", lineage.Opset is { } opset ? $"opset {opset}" : null }
            .Where(part => part is not null));

    private static IEnumerable<string> Undecided(BundleCheck check)
    {
        var ranges = check.Bundle.Manifest.Inputs.ToDictionary(input => input.Name, input => input.Range, StringComparer.Ordinal);
        foreach (var finding in check.Ids)
        {
            if (!finding.IsDecided && ranges.GetValueOrDefault(finding.Input) is null)
            {
                yield return finding.Reason;
            }

            foreach (var note in finding.Notes)
            {
                yield return note;
            }
        }
    }

    private static string Shape(IReadOnlyList<long?> shape) =>
        $"[{string.Join(", ", shape.Select(dimension => dimension?.ToString(CultureInfo.InvariantCulture) ?? "candidates"))}]";

    private static void AddIf(Grid grid, string name, string? value)
    {
        if (value is not null)
        {
            Add(grid, name, value);
        }
    }

    private static void Add(Grid grid, string name, string value) => grid.AddRow(Cell(name), Cell(value));

    // Text of the user's, never markup.
    private static Text Cell(string text) => new(text);
}
