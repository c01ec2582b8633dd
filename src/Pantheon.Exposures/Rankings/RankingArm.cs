namespace Pantheon.Exposures.Rankings;

/// <summary>Which of a model's versions answered, and why that one. The numbers are stored.</summary>
public enum RankingArm
{
    /// <summary>The version in service.</summary>
    Base = 1,

    /// <summary>A version on trial that got a share of the requests.</summary>
    Canary = 2,

    /// <summary>The version that the request named.</summary>
    Pinned = 3,
}
