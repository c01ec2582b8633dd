namespace Pantheon.Simulation;

/// <summary>What came of one place of a feed.</summary>
/// <param name="Seen">Whether the user scrolled so far. If not, it is no exposure, and the rest is nothing.</param>
/// <param name="Labels">A bit for each of <see cref="Objectives.Names"/>; of a short video none.</param>
/// <param name="WatchSeconds">In the feed and in the room; above 60 exactly if it is a long view.</param>
/// <param name="InRoomSeconds">In the room; 0 without a click.</param>
public readonly record struct Outcome(bool Seen, int Labels, double WatchSeconds, double InRoomSeconds)
{
    /// <summary>Seconds from which a view counts as effective.</summary>
    public const double EffectiveSeconds = 10;

    /// <summary>Whether the user did it.</summary>
    public bool Has(int objective) => (Labels >> objective & 1) != 0;

    /// <summary>Pantheon's Table 4.</summary>
    public bool IsInRoomEffectiveView => InRoomSeconds >= EffectiveSeconds;

    /// <summary>Pantheon's Table 5: like, comment or follow. Nobody forwards here.</summary>
    public bool IsInteraction => Has(Objectives.Like) || Has(Objectives.Comment) || Has(Objectives.Follow);
}
