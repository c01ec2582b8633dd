namespace Pantheon.Onnx.Sessions;

/// <summary>How ONNX Runtime runs one graph.</summary>
public sealed record GraphSessionOptions
{
    /// <summary>
    /// Threads that one run may use inside an operator, at least 1. Default 1: with many requests in flight, one thread
    /// each gives the most throughput and the steadiest tail, because runs do not wait for each other's threads.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>
    /// Whether every run has the same shapes, so that one plan of the memory serves them all. Default false: shapes change with every
    /// request's candidate count, and a cached plan per shape would only grow.
    /// </summary>
    public bool FixedShapes { get; init; }

    /// <summary>Whether idle threads spin while they wait for work. Default false; true for one who has the cores to himself.</summary>
    public bool Spin { get; init; }
}
