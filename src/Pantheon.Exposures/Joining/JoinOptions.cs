using System.Globalization;

namespace Pantheon.Exposures.Joining;

/// <summary>How time is cut into windows, when a window closes, and what its rows are labelled with.</summary>
public sealed record JoinOptions
{
    /// <summary>
    /// Length of a window, whole milliseconds, above 0. Default 1 hour: the paper's IPPO judges by the hour. Windows begin at multiples of it
    /// since 1970 in UTC, so every process cuts alike.
    /// </summary>
    public TimeSpan WindowLength { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long after its end a window waits for feedback, whole milliseconds, at least 0. Default 30 minutes: longer than the
    /// sessions in which a live stream is watched mostly last.
    /// </summary>
    public TimeSpan FeedbackDelay { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>One rule for each objective, in the order of <see cref="Exposure.Labels"/>. At least one; none by default.</summary>
    public IReadOnlyList<LabelRule> Labels { get; init; } = [];

    /// <summary>Throws what is wrong with these numbers; for the start of the service.</summary>
    /// <exception cref="ArgumentException">A number is out of its range, or there is not one rule for each objective.</exception>
    public void Validate()
    {
        Setting.AtLeast(nameof(WindowLength), WindowLength, TimeSpan.FromMilliseconds(1));
        Setting.AtLeast(nameof(FeedbackDelay), FeedbackDelay, TimeSpan.Zero);
        Whole(nameof(WindowLength), WindowLength);
        Whole(nameof(FeedbackDelay), FeedbackDelay);
        if (Labels.Count == 0)
        {
            throw new ArgumentException($"{nameof(Labels)}: got none, expected a rule for each objective");
        }

        var objectives = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < Labels.Count; index++)
        {
            var rule = Labels[index];
            if (rule.Objective.Length == 0 || rule.Outcome.Length == 0)
            {
                throw new ArgumentException($"{nameof(Labels)}[{index}]: got an empty name, expected an objective and an outcome");
            }

            if (!objectives.Add(rule.Objective))
            {
                throw new ArgumentException($"{nameof(Labels)}[{index}]: got objective '{rule.Objective}' again, expected one rule for each");
            }

            if (rule.AtLeast is { } least && !(least > 0 && double.IsFinite(least)))
            {
                var got = least.ToString(CultureInfo.InvariantCulture);
                throw new ArgumentException($"{nameof(Labels)}[{index}].{nameof(LabelRule.AtLeast)}: got {got}, expected a finite number above 0");
            }
        }
    }

    /// <summary>The window that a time falls in.</summary>
    public ExposureWindow WindowOf(DateTimeOffset at)
    {
        var since = at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var from = DateTimeOffset.UnixEpoch.AddTicks(since - (since % WindowLength.Ticks));
        return new ExposureWindow(from, from + WindowLength, from + WindowLength + FeedbackDelay);
    }

    /// <summary>The last window that is closed at a time; null if none since 1970 is.</summary>
    public ExposureWindow? LastClosed(DateTimeOffset now)
    {
        var last = now - FeedbackDelay - WindowLength;
        return last < DateTimeOffset.UnixEpoch ? null : WindowOf(last);
    }

    /// <summary>The windows that begin at <paramref name="from"/> or later and are closed at <paramref name="now"/>, oldest first.</summary>
    public IEnumerable<ExposureWindow> Closed(DateTimeOffset from, DateTimeOffset now)
    {
        if (LastClosed(now) is not { } last)
        {
            yield break;
        }

        var next = WindowOf(from);
        if (next.From < from)
        {
            next = WindowOf(next.To);
        }

        for (; next.From <= last.From; next = WindowOf(next.To))
        {
            yield return next;
        }
    }

    private static void Whole(string name, TimeSpan value)
    {
        if (value.Ticks % TimeSpan.TicksPerMillisecond != 0)
        {
            throw new ArgumentException($"{name}: got {value}, expected whole milliseconds");
        }
    }
}
