namespace Pantheon.Learning.Policies;

/// <summary>One window of the stream, scored before anything was trained on it.</summary>
/// <param name="Name">Which window, for the journal.</param>
/// <param name="Rows">Exposures in it: its weight when windows are pooled.</param>
/// <param name="Users">Users with both classes of each objective, whom its GAUC is over.</param>
/// <param name="Base">GAUC of the base on each objective.</param>
/// <param name="Reference">GAUC of the reference.</param>
/// <param name="Ranking">GAUC of the ranking model's own Pxtrs.</param>
/// <param name="StandardErrors">Of reference less base, each objective, from a bootstrap over users that is paired.</param>
public sealed record IppoWindow(
    string Name, long Rows, IReadOnlyList<int> Users, IReadOnlyList<double> Base, IReadOnlyList<double> Reference, IReadOnlyList<double> Ranking,
    IReadOnlyList<double> StandardErrors);

/// <summary>What to do after a window.</summary>
public enum IppoAction
{
    /// <summary>Too soon after a change, or not enough evidence yet: train on.</summary>
    Wait,

    /// <summary>The reference dominates: it becomes the base.</summary>
    Promote,

    /// <summary>It does not: the weight of the largest gap goes up.</summary>
    RaiseWeight,

    /// <summary>It did, and failed where it was tried: the base stays what it was before, and the weight of the least gain goes up.</summary>
    Lose,
}

/// <summary>w of base and reference, each summing to 1.</summary>
public sealed record IppoWeights(IReadOnlyList<double> Base, IReadOnlyList<double> Reference);

/// <summary>A decision with all that it was made of: a line of the journal.</summary>
/// <param name="Window">What it was made from.</param>
/// <param name="Reference">About which reference.</param>
/// <param name="Action">What was decided.</param>
/// <param name="Objective">Whose weight is raised; null otherwise.</param>
/// <param name="Reason">In a sentence.</param>
/// <param name="Gains">Reference less base, pooled over the windows judged since the last change; empty while nothing is judged.</param>
/// <param name="StandardErrors">Of the gains.</param>
/// <param name="Before">The weights that the window was scored by.</param>
/// <param name="After">The weights from here on.</param>
public sealed record IppoDecision(
    IppoWindow Window, string Reference, IppoAction Action, string? Objective, string Reason, IReadOnlyList<double> Gains, IReadOnlyList<double> StandardErrors,
    IppoWeights Before, IppoWeights After);
