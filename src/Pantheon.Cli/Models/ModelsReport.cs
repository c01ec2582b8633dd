using System.Globalization;
using Pantheon.Contracts.V1;
using Pantheon.Learning.Reports;

namespace Pantheon.Cli.Models;

/// <summary>Models, for people.</summary>
internal static class ModelsReport
{
    public static void Print(Terminal terminal, ListModelsResponse response)
    {
        var rows = response.Models.Select(model => (IReadOnlyList<Cell>)
        [
            model.Name, Version(model.BaseVersion), Share(model.CanaryVersion, model.CanaryPercent), Share(model.ShadowVersion, model.ShadowPercent),
            Version(model.PreviousVersion), Text($"{model.Versions.Count(version => version.State == VersionState.Ready)} of {model.Versions.Count}"), model.Problem,
        ]).ToList();
        terminal.Print(new Table([new("model"), new("base"), new("canary"), new("shadow"), new("previous"), new("ready"), new("problem")], rows));
    }

    public static void Print(Terminal terminal, Model model)
    {
        terminal.Output.WriteLine(Line(model));
        terminal.Output.WriteLine();
        var rows = model.Versions.Select(version => (IReadOnlyList<Cell>)
        [
            Version(version.Version), Name(version.State.ToString()), version.Role == VersionRole.Unspecified ? "" : Name(version.Role.ToString()),
            version.State == VersionState.Ready ? Text($"{version.LoadSeconds:0.00} s") : "",
            version.Recent is null ? "" : Text($"{version.Recent.Requests}"),
            version.Recent is null ? "" : Text($"{version.Recent.Failures}"),
            version.Recent is { Requests: > 0 } recent ? Text($"{1000 * recent.MeanRunSeconds:0.00} ms") : "",
            version.Recent is { Requests: > 0 } scored ? Text($"{scored.ScoreMean:0.0000} ± {scored.ScoreStd:0.0000}") : "",
            version.Total is null ? "" : Text($"{version.Total.Requests}"),
            version.BundleDigest.Length > 19 ? version.BundleDigest[..19] : "",
            version.Reason,
        ]).ToList();
        terminal.Print(new Table(
            [new("version"), new("state"), new("role"), new("loaded in"), new("requests/min"), new("failed"), new("graph"), new("scores"), new("requests"), new("digest"), new("reason")], rows));
    }

    public static void Print(Terminal terminal, ModelHistoryResponse response)
    {
        var rows = response.Changes.Select(change => (IReadOnlyList<Cell>)
        [
            Version(change.Revision), Text($"{change.At.ToDateTime():yyyy-MM-dd HH:mm:ss}"), change.Requester, Text($"{change.Action} {change.Version}"),
            Version(change.BaseVersion), Share(change.CanaryVersion, change.CanaryPercent), Share(change.ShadowVersion, change.ShadowPercent), change.Reason,
        ]).ToList();
        terminal.Print(new Table([new("revision"), new("at (UTC)"), new("by"), new("change"), new("base"), new("canary"), new("shadow"), new("reason")], rows));
    }

    public static void Print(Terminal terminal, ChangeModelResponse response)
    {
        var change = response.Change;
        terminal.Output.WriteLine(Text($"revision {change.Revision}: {change.Action} of version {change.Version} by {change.Requester}{(change.Reason.Length == 0 ? "" : $" ({change.Reason})")}"));
        terminal.Output.WriteLine(Line(response.Model));
    }

    public static void PrintLine(Terminal terminal, Model model) => terminal.Output.WriteLine(Text($"{DateTime.UtcNow:HH:mm:ss} {Line(model)}"));

    private static string Line(Model model)
    {
        var parts = new List<string> { model.BaseVersion == 0 ? "no base" : Text($"base {model.BaseVersion}") };
        void Add(string what, long version, double percent)
        {
            if (version != 0)
            {
                parts.Add($"{what} {Share(version, percent)}");
            }
        }

        Add("canary", model.CanaryVersion, model.CanaryPercent);
        Add("shadow", model.ShadowVersion, model.ShadowPercent);
        if (model.PreviousVersion != 0)
        {
            parts.Add(Text($"rollback to {model.PreviousVersion}"));
        }

        parts.Add(model.Revision == 0 ? "nothing declared: the newest version serves" : Text($"revision {model.Revision}"));
        return $"{model.Name}: {string.Join(", ", parts)}{(model.Problem.Length == 0 ? "" : $"; {model.Problem}")}";
    }

    private static string Version(long version) => version == 0 ? "" : version.ToString(CultureInfo.InvariantCulture);

    private static string Share(long version, double percent) => version == 0 ? "" : Text($"{version} at {percent:0.##} %");

    private static string Name(string name) => name.ToLowerInvariant();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
