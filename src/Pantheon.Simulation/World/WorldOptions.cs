namespace Pantheon.Simulation;

/// <summary>How large the world is and what it is like. None of it is measured anywhere: chosen to look like Pantheon's Table 1 and frozen.</summary>
public sealed record WorldOptions
{
    /// <summary>Everything random follows from it.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>People who may open the app. 40,000: the rarest objective then has some hundred users with both classes a day.</summary>
    public int Users { get; init; } = 40_000;

    /// <summary>Authors who streamed before day 0.</summary>
    public int Authors { get; init; } = 6_000;

    /// <summary>Share of new rooms that are by an author who never streamed before. 0.1: cold start stays a daily matter.</summary>
    public double NewAuthorShare { get; init; } = 0.1;

    /// <summary>Rooms that open on a day.</summary>
    public int RoomsPerDay { get; init; } = 1_500;

    /// <summary>Days that the longest room is open; each draws 1 to so many.</summary>
    public int LongestRoom { get; init; } = 5;

    /// <summary>Kinds of rooms.</summary>
    public int Categories { get; init; } = 24;

    /// <summary>Rooms that retrieval hands over with a request. 50: several times what anybody scrolls to.</summary>
    public int Candidates { get; init; } = 50;

    /// <summary>Standard deviation, in logits, of what rooms are to one user. 1.25: GAUC of the truth is near 78 % as in public logs.</summary>
    public double Taste { get; init; } = 1.25;

    /// <summary>
    /// Share of that variance that all objectives have in common. 0.6: a good single score keeps some four fifths of what separate scores
    /// reach above chance, as in Pantheon's Table 1.
    /// </summary>
    public double SharedTaste { get; init; } = 0.6;

    /// <summary>Standard deviation, in logits, of each user's own readiness for each objective.</summary>
    public double UserRates { get; init; } = 0.8;

    /// <summary>Mean angle, in radians, that a user's taste turns by in a day. 0.03: half of it is another one after seven weeks.</summary>
    public double Drift { get; init; } = 0.03;

    /// <summary>Logits that each doubling of the position costs. 0.1: attention tires.</summary>
    public double PositionBias { get; init; } = 0.1;

    /// <summary>Mean chance that a user goes on to the next place of a feed.</summary>
    public double Patience { get; init; } = 0.88;

    /// <summary>Mean of the scores of short videos, on the scale of their own ranker.</summary>
    public double VideoScoreMean { get; init; } = 0.3;

    /// <summary>Their standard deviation.</summary>
    public double VideoScoreDeviation { get; init; } = 0.1;

    internal void Check()
    {
        Require(Users > 0 && Authors > 0 && RoomsPerDay > 0 && LongestRoom > 0 && Categories > 0, "counts", "1 or more of each");
        Require(Candidates > 0 && 2L * Candidates <= RoomsPerDay, nameof(Candidates), "1 or more, and at most half of a day's rooms");
        Require(NewAuthorShare is >= 0 and <= 1 && SharedTaste is >= 0 and <= 1, "shares", "0 to 1");
        Require(Patience is > 0 and < 1, nameof(Patience), "between 0 and 1");
        Require(Taste >= 0 && UserRates >= 0 && Drift >= 0 && PositionBias >= 0 && VideoScoreDeviation >= 0, "deviations", "0 or more");
    }

    private void Require(bool holds, string what, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException($"{what}: {this} came, expected {expected}");
        }
    }
}
