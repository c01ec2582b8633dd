using System.Globalization;
using Pantheon.Learning.Data;
using Pantheon.Learning.Reports;

namespace Pantheon.Cli.Train;

/// <summary>Reads a log for a command, saying how far it is and what was left out.</summary>
internal static class LogData
{
    public static Dataset Load(string path, FeatureOptions features, ProgressLine progress, CancellationToken cancellation) =>
        Load(path, features, progress, (folder, options) => Dataset.Load(folder, options, cancellation));

    /// <param name="features">Their objectives; null: those of KuaiRand that the log has.</param>
    /// <param name="read">Makes a dataset of a folder.</param>
    public static Dataset Load(string path, FeatureOptions features, ProgressLine progress, Func<LogFolder, DatasetOptions, Dataset> read)
    {
        var folder = LogFolder.Open(path);
        var options = folder.DefaultOptions with
        {
            Features = features with { Objectives = features.Objectives ?? folder.DefaultOptions.Features.Objectives },
            Progress = loaded => progress.Show("reading", loaded.BytesTotal == 0 ? 1 : (double)loaded.BytesRead / loaded.BytesTotal, $"{loaded.BytesRead >> 20} MiB"),
        };
        var data = read(folder, options);
        foreach (var bad in data.Report.BadRows)
        {
            progress.Say($"left out: {bad}");
        }

        progress.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{data.Count:N0} exposures of {data.UserCount:N0} users: {data.Train.Count:N0} to train, {data.Validate.Count:N0} to validate, {data.Test.Count:N0} to test"));
        return data;
    }

    /// <summary>What a report says of command and data.</summary>
    public static IReadOnlyList<Fact> Facts(Dataset data, string commandLine) =>
    [
        new("command", commandLine, IsCode: true),
        new("data", string.Create(
            CultureInfo.InvariantCulture,
            $"{data.Count:N0} exposures of {data.UserCount:N0} users; {data.Train.Count:N0} to train, {data.Validate.Count:N0} to validate, {data.Test.Count:N0} to test")),
        new("data sha256", data.Report.Sha256, IsCode: true),
        new("rows left out", data.Report.Files.Sum(table => table.Bad).ToString(CultureInfo.InvariantCulture)),
    ];
}
