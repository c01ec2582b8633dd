namespace Pantheon.Simulation.ClosedLoops;

/// <summary>What came of some feeds. Sums; not for use by two threads at once.</summary>
public sealed class Tally
{
    private const int Groups = 6;

    // Pantheon's Table 5: long view, interaction, gift, as bits.
    private const int Behaviours = 8;

    /// <summary>Feeds.</summary>
    public long Feeds { get; private set; }

    /// <summary>Places that users scrolled to.</summary>
    public long Places { get; private set; }

    /// <summary>Those of them with a room.</summary>
    public long Rooms { get; private set; }

    /// <summary>Sum of the positions of rooms, from 0, over all places of the feeds.</summary>
    public double Positions { get; private set; }

    /// <summary>Rooms in all places of the feeds, seen or not.</summary>
    public long Placed { get; private set; }

    /// <summary>All places of the feeds.</summary>
    public long Slots { get; private set; }

    /// <summary>Positives of each objective.</summary>
    public double[] Positives { get; } = new double[Objectives.Names.Count];

    /// <summary>Seconds watched in rooms or of them.</summary>
    public double WatchSeconds { get; private set; }

    /// <summary>Rooms seen, by preference for entering rooms and activity: Pantheon's Table 4.</summary>
    public double[] GroupExposures { get; } = new double[Groups];

    /// <summary>Effective views in rooms, likewise.</summary>
    public double[] GroupEffectiveViews { get; } = new double[Groups];

    /// <summary>Rooms seen, by what came of them: Pantheon's Table 5.</summary>
    public double[] ByBehaviour { get; } = new double[Behaviours];

    /// <summary>Rooms seen of authors who are new.</summary>
    public double NewAuthors { get; private set; }

    /// <summary>First gifts of users who never gave one.</summary>
    public double FirstGifts { get; private set; }

    /// <summary>Share of all places that have rooms.</summary>
    public double RoomShare => Slots == 0 ? 0 : (double)Placed / Slots;

    /// <summary>Mean position of rooms, from 0.</summary>
    public double MeanPosition => Placed == 0 ? 0 : Positions / Placed;

    /// <summary>Adds a feed's places, without what came of it.</summary>
    public void Place(IReadOnlyList<FeedItem> feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        Slots += feed.Count;
        for (var position = 0; position < feed.Count; position++)
        {
            if (feed[position].IsLive)
            {
                Placed++;
                Positions += position;
            }
        }
    }

    /// <summary>Adds a feed and what came of it.</summary>
    public void Add(AudienceRequest visit, IReadOnlyList<FeedItem> feed, IReadOnlyList<Outcome> outcomes)
    {
        ArgumentNullException.ThrowIfNull(visit);
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(outcomes);
        Place(feed);
        Feeds++;
        var group = GroupOf(visit);
        for (var position = 0; position < feed.Count && outcomes[position].Seen; position++)
        {
            Places++;
            if (!feed[position].IsLive)
            {
                continue;
            }

            var outcome = outcomes[position];
            Rooms++;
            WatchSeconds += outcome.WatchSeconds;
            GroupExposures[group]++;
            GroupEffectiveViews[group] += outcome.IsInRoomEffectiveView ? 1 : 0;
            NewAuthors += visit.Candidates[feed[position].Index].AuthorIsNew ? 1 : 0;
            FirstGifts += outcome.Has(Objectives.Gift) && visit.UserCounts[Objectives.Gift] == 0 ? 1 : 0;
            ByBehaviour[(outcome.Has(Objectives.LongView) ? 1 : 0) | (outcome.IsInteraction ? 2 : 0) | (outcome.Has(Objectives.Gift) ? 4 : 0)]++;
            for (var objective = 0; objective < Positives.Length; objective++)
            {
                Positives[objective] += outcome.Has(objective) ? 1 : 0;
            }
        }
    }

    /// <summary>Where a user stands in Table 4: in-room high, middle, low, then out-room.</summary>
    private static int GroupOf(AudienceRequest visit) => (visit.PrefersInRoom ? 0 : 3) + visit.Activity switch { ActivityGroup.High => 0, ActivityGroup.Middle => 1, _ => 2 };
}
