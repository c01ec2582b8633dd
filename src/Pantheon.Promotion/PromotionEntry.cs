using Pantheon.Exposures.Joining;
using Pantheon.Learning.Policies;
using Pantheon.Promotion.Trials;

namespace Pantheon.Promotion;

/// <summary>What happened.</summary>
public enum PromotionEvent
{
    /// <summary>The journal begins: who is judged, on what.</summary>
    Begun,

    /// <summary>A window was learned from and not judged.</summary>
    Learned,

    /// <summary>A window was judged and decided on.</summary>
    Decided,

    /// <summary>A winner, or a fresher base, is a version now.</summary>
    Published,

    /// <summary>It has another share of the users.</summary>
    Stepped,

    /// <summary>It is the base.</summary>
    Promoted,

    /// <summary>It failed on trial, was refused or vetoed: a lost reward.</summary>
    Lost,

    /// <summary>Somebody else changed the base.</summary>
    Rebased,

    /// <summary>Somebody told the promoter to stop, or to go on.</summary>
    Paused,
}

/// <summary>A line of a promoter's journal. What is not of its kind is null.</summary>
/// <param name="At">When.</param>
/// <param name="Event">What.</param>
/// <param name="Text">In a sentence.</param>
public sealed record PromotionEntry(DateTimeOffset At, PromotionEvent Event, string Text)
{
    /// <summary>The model; where the journal begins.</summary>
    public string? Model { get; init; }

    /// <summary>Names of the objectives; where the journal begins.</summary>
    public IReadOnlyList<string>? Objectives { get; init; }

    /// <summary>w that reference and base begin with; where the journal of a learner begins.</summary>
    public IReadOnlyList<double>? Weights { get; init; }

    /// <summary>The end of the window, of one that was learned from or decided on.</summary>
    public DateTimeOffset? Through { get; init; }

    /// <summary>What was decided, with all that it was made of.</summary>
    public IppoDecision? Decision { get; init; }

    /// <summary>What the join met.</summary>
    public JoinCounts? Joined { get; init; }

    /// <summary>What was judged on.</summary>
    public JudgedCounts? Judged { get; init; }

    /// <summary>The version that it is about.</summary>
    public long? Version { get; init; }

    /// <summary>Its share of the users.</summary>
    public double? Percent { get; init; }

    /// <summary>Whether it is the base's own newer self, and no other policy.</summary>
    public bool? Refresh { get; init; }

    /// <summary>What users on trial did.</summary>
    public ArmFigures? Arms { get; init; }
}
