namespace Pantheon.Exposures.Stores;

/// <summary>What a deletion took away.</summary>
/// <param name="Rankings">Rankings.</param>
/// <param name="Reports">Reports.</param>
public readonly record struct Removed(long Rankings, long Reports)
{
    /// <summary>Both together.</summary>
    public static Removed operator +(Removed left, Removed right) => Add(left, right);

    /// <summary>Both together.</summary>
    public static Removed Add(Removed left, Removed right) => new(left.Rankings + right.Rankings, left.Reports + right.Reports);
}
