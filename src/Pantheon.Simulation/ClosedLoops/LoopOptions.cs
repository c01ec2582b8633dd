namespace Pantheon.Simulation.ClosedLoops;

/// <summary>What serves when the loop begins.</summary>
public enum LoopStart
{
    /// <summary>A formula over a ranking model of the first days, which grows stale: what IPPO is for.</summary>
    Stale,

    /// <summary>A Pantheon head that the promoter's own learner made, with the weights that it goes on with: nothing to gain.</summary>
    Promoted,
}

/// <summary>How the loop is run.</summary>
public sealed record LoopOptions
{
    /// <summary>
    /// A village of 400 people who come twenty times a day, so that two weeks tell a model what each of them likes; with as many as
    /// in the default world nobody comes back often enough.
    /// </summary>
    public static WorldOptions Village { get; } = new() { Users = 400, Authors = 400, RoomsPerDay = 400 };

    /// <summary>The world; its seed is that of everything else too. Default <see cref="Village"/>.</summary>
    public WorldOptions World { get; init; } = Village;

    /// <summary>Days in the loop. Default 14.</summary>
    public int Days { get; init; } = 14;

    /// <summary>Days before it, whose rooms were shown in no order, that the first model is learned from. Default 1.</summary>
    public int FirstDays { get; init; } = 1;

    /// <summary>Days after it, which nobody learned from, that incumbent and last base are compared on. Default 2.</summary>
    public int LaterDays { get; init; } = 2;

    /// <summary>Visits a day. Default 8,000.</summary>
    public int Visits { get; init; } = 8_000;

    /// <summary>Visits on each of the first days, of which the first model knows. Default 2,000: it is not only old, it began small.</summary>
    public int FirstVisits { get; init; } = 2_000;

    /// <summary>What serves first.</summary>
    public LoopStart Start { get; init; }

    /// <summary>The stale incumbent's score. Default the product of all Pxtrs, each to the power of 0.1: the order of their product, without its long tail.</summary>
    public string Formula { get; init; } = string.Join(" * ", Objectives.Names.Select(name => $"{name}^0.1"));

    /// <summary>Rooms that the gateway asks for.</summary>
    public int Top { get; init; } = 20;

    /// <summary>Places of a feed.</summary>
    public int Slots { get; init; } = 15;

    /// <summary>Short videos that compete for them. Default 25: half as many as there are rooms to choose from.</summary>
    public int Videos { get; init; } = 25;

    /// <summary>Requests under way at once. Default 8.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Name of the model.</summary>
    public string Model { get; init; } = "live";
}
