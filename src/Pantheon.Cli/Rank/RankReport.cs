using System.Globalization;
using Pantheon.Contracts.V1;
using Spectre.Console;

namespace Pantheon.Cli.Rank;

/// <summary>A ranking, for people.</summary>
internal static class RankReport
{
    public static void Print(Terminal terminal, RankRequest request, RankResponse response, TimeSpan roundTrip)
    {
        terminal.Tables.Write(Items(request, response));
        var facts = new Grid().AddColumn(new GridColumn().NoWrap().Padding(1, 0, 2, 0)).AddColumn();
        Add(facts, "model", $"{response.Model} version {response.Version}, arm {response.Arm.ToString().ToLowerInvariant()}");
        Add(facts, "bundle", response.BundleDigest);
        Add(facts, "candidates", Candidates(response));
        Add(facts, "scores", response.Calibrated
            ? "calibrated to the baseline's scale (a calibrated score is no probability)" : "as the graph gives them: the bundle has no baseline");
        if (response.Timings is { } timings)
        {
            Add(facts, "service", $"prepare {Time(timings.PrepareSeconds)}, queue {Time(timings.QueueSeconds)}, run {Time(timings.RunSeconds)}, rank {Time(timings.RankSeconds)}");
        }

        Add(facts, "round trip", $"{Time(roundTrip.TotalSeconds)}, connecting included");
        terminal.Tables.Write(facts);
    }

    private static Table Items(RankRequest request, RankResponse response)
    {
        var hasRaw = response.Items.Any(item => item.HasRawScore);
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(Right("rank")).AddColumn(Right(request.CandidateIds.Count > 0 ? "item" : "position"));
        table.AddColumn(Right(response.Calibrated ? "calibrated" : "score"));
        if (hasRaw)
        {
            table.AddColumn(Right("raw score"));
        }

        foreach (var objective in response.Objectives)
        {
            table.AddColumn(Right(objective));
        }

        for (var i = 0; i < response.Items.Count; i++)
        {
            var item = response.Items[i];
            List<Text> cells = [Cell(i + 1), Cell(request.CandidateIds.Count > 0 ? item.Id : item.Position), Cell(Score(item.Score))];
            if (hasRaw)
            {
                cells.Add(Cell(Score(item.RawScore)));
            }

            cells.AddRange(response.Objectives.Zip(item.Pxtrs, (_, pxtr) => Cell(Score(pxtr))));
            table.AddRow(cells);
        }

        return table;
    }

    private static string Candidates(RankResponse response) => response.DroppedPositions.Count == 0
        ? $"{response.Candidates}, of which {response.Items.Count} returned"
        : $"{response.Candidates}, of which {response.Items.Count} returned and {response.DroppedPositions.Count} dropped as their score is not finite (position {string.Join(", ", response.DroppedPositions)})";

    private static string Time(double seconds) => seconds switch
    {
        < 1e-3 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0} us"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s"),
    };

    private static string Score(float value) => Math.Abs(value) is 0 or (>= 1e-3f and < 1e5f)
        ? value.ToString("0.0000", CultureInfo.InvariantCulture)
        : value.ToString("0.000e+0", CultureInfo.InvariantCulture);

    private static TableColumn Right(string name) => new TableColumn(new Text(name)).RightAligned().NoWrap();

    private static Text Cell(long value) => Cell(value.ToString(CultureInfo.InvariantCulture));

    private static Text Cell(string text) => new(text);

    private static void Add(Grid grid, string name, string value) => grid.AddRow(Cell(name), Cell(value));
}
