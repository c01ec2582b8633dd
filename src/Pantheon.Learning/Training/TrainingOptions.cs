using Pantheon.Learning.Optimizers;

namespace Pantheon.Learning.Training;

/// <summary>How a recommender is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>Rows per step. 2,048: large enough for ONNX Runtime's best rate, small enough for hundreds of steps per epoch.</summary>
    public int BatchSize { get; init; } = 2048;

    /// <summary>Passes over the training rows. 2: on kuairand-sim the third made it worse; on real logs one may be best.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Order of the rows within a pass.</summary>
    public RowOrder Order { get; init; } = RowOrder.Shuffled;

    /// <summary>
    /// With <see cref="RowOrder.Users"/>: a user's rows that stand together, in the order of time; a shorter rest is filled up with rows
    /// that do not count. A divisor of the batch size.
    /// </summary>
    public int GroupRows { get; init; } = 16;

    /// <summary>
    /// With <see cref="RowOrder.Users"/>: how much of the pairwise loss towards GAUC is added to the ranking model's cross-entropy. 0: none.
    /// </summary>
    public double RankingPairwise { get; init; }

    /// <summary>Highest learning rate of the dense parameters, by Adam. 0.003: of those tried on kuairand-sim the best.</summary>
    public double Rate { get; init; } = 3e-3;

    /// <summary>Steps until the rate is at its highest.</summary>
    public long WarmupSteps { get; init; } = 50;

    /// <summary>How it falls from there to the last step.</summary>
    public LearningRateDecay Decay { get; init; } = LearningRateDecay.Linear;

    /// <summary>The rate at the last step as a share of the highest.</summary>
    public double Floor { get; init; } = 0.02;

    /// <summary>Learning rate of embedding rows as a multiple of <see cref="Rate"/>.</summary>
    public double TableRate { get; init; } = 2;

    /// <summary>Decoupled weight decay of the dense parameters.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Largest norm of the gradients of the ranking model, and of each head; more is scaled down.</summary>
    public double ClipNorm { get; init; } = 5;

    /// <summary>Everything random follows from it: the same seed and <see cref="Threads"/> give the same bits.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Threads of ONNX Runtime and of the tables' updates; 0: one for each processor. Another number may change the last bits, since ONNX
    /// Runtime adds up in another order.
    /// </summary>
    public int Threads { get; init; }

    internal LearningRateSchedule Schedule => new(Rate) { WarmupSteps = WarmupSteps, Decay = Decay, Floor = Floor };

    /// <summary>Rows of one user that stand together; 0 if they do not.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Group => Order == RowOrder.Users ? GroupRows : 0;

    internal int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;
}

/// <summary>Order of the rows within a pass.</summary>
public enum RowOrder
{
    /// <summary>As they happened: what a stream would give, and what Pantheon trains on.</summary>
    Time,

    /// <summary>At random, by the seed.</summary>
    Shuffled,

    /// <summary>Groups of one user's rows, at random: what losses over pairs need.</summary>
    Users,
}
