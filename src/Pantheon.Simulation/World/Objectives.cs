namespace Pantheon.Simulation;

/// <summary>What a user may do with a live stream, from the most to the least frequent.</summary>
public static class Objectives
{
    public const int Click = 0;
    public const int LongView = 1;
    public const int Like = 2;
    public const int Comment = 3;
    public const int ProfileEnter = 4;
    public const int Follow = 5;
    public const int Gift = 6;

    /// <summary>Their names, in the order of all columns of this world.</summary>
    public static IReadOnlyList<string> Names { get; } = ["click", "long_view", "like", "comment", "profile_enter", "follow", "gift"];

    internal const int Count = 7;

    // Logits of somebody and some room in the middle: rates from about one in two to one in a hundred come of them.
    internal static ReadOnlySpan<double> Middle => [-0.5, -1.5, -3.5, -4.4, -4.7, -5.2, -5.9];
}
