using System.Globalization;
using System.Text.RegularExpressions;
using Pantheon.Exposures.Rankings;

namespace Pantheon.Exposures.Reports;

/// <summary>The one place where a report from outside is judged.</summary>
public static partial class FeedbackRules
{
    /// <summary>Why a report is not taken; null if it is.</summary>
    /// <param name="report">The report.</param>
    /// <param name="limits">How much it may hold.</param>
    /// <param name="now">The time of its coming.</param>
    public static ExposureFault? Check(FeedbackReport report, FeedbackLimits limits, DateTimeOffset now)
    {
        if (!RankingId.TryTimeOf(report.RankingId, out var at))
        {
            return new ExposureFault("ranking_id", report.RankingId.ToString(), "the ranking_id of an answer");
        }

        if (at > now + limits.ClockSkew || at < now - limits.RankingAge)
        {
            return new ExposureFault("ranking_id", $"one of {at:u}", $"one of the last {limits.RankingAge.TotalHours:0.##} hours");
        }

        return CheckShape(report, limits);
    }

    /// <summary>As <see cref="Check"/>, but of any time.</summary>
    internal static ExposureFault? CheckShape(FeedbackReport report, FeedbackLimits limits)
    {
        if (report.Items.Count == 0 || report.Items.Count > limits.ItemsPerReport)
        {
            return new ExposureFault("items", Text(report.Items.Count), $"1 to {limits.ItemsPerReport} items");
        }

        for (var index = 0; index < report.Items.Count; index++)
        {
            if (CheckItem(index, report.Items[index], limits) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static ExposureFault? CheckItem(int index, ItemFeedback item, FeedbackLimits limits)
    {
        if (item.Rank < 0)
        {
            return new ExposureFault($"items[{index}].rank", Text(item.Rank), "at least 0");
        }

        if (item.ShownPosition < 0)
        {
            return new ExposureFault($"items[{index}].shown_position", Text(item.ShownPosition.Value), "at least 0");
        }

        if (item.Outcomes.Count > limits.OutcomesPerItem)
        {
            return new ExposureFault($"items[{index}].outcomes", Text(item.Outcomes.Count), $"at most {limits.OutcomesPerItem} outcomes");
        }

        foreach (var (name, value) in item.Outcomes)
        {
            if (name.Length > limits.NameLength || !Name().IsMatch(name))
            {
                return new ExposureFault(
                    $"items[{index}].outcomes", ExposureFault.Quote(name), $"a name of 1 to {limits.NameLength} letters, digits, '_', '-' or '.'");
            }

            if (!double.IsFinite(value) || value < 0)
            {
                return new ExposureFault($"items[{index}].outcomes[\"{name}\"]", Text(value), "a finite number, at least 0");
            }
        }

        return null;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]+\z")]
    private static partial Regex Name();
}
