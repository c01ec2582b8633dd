namespace Pantheon.Onnx.Sessions;

/// <summary>How ONNX Runtime runs one graph.</summary>
public sealed record GraphSessionOptions
{
    /// <summary>
    /// Threads that one run may use inside an operator, at least 1. Default 1: with many requests in flight, one thread
    /// each gives the most throughput and the steadiest tail, because runs do not wait for each other's threads.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;
}
