using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>One request, one response; awaiting the call awaits the response. Disposing it cancels what is unfinished.</summary>
public sealed class AsyncUnaryCall<TResponse> : IDisposable
{
    private readonly object _state;
    private readonly Func<object, Task<Metadata>> _responseHeaders;
    private readonly Func<object, Status> _status;
    private readonly Func<object, Metadata> _trailers;
    private readonly Action<object> _dispose;

    public AsyncUnaryCall(
        Task<TResponse> responseAsync,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
        : this(responseAsync, _ => responseHeadersAsync, _ => getStatusFunc(), _ => getTrailersFunc(), _ => disposeAction(), null!)
    {
    }

    /// <summary>The same with static functions over one state, which spares their closures.</summary>
    public AsyncUnaryCall(
        Task<TResponse> responseAsync,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state)
    {
        ResponseAsync = responseAsync;
        _responseHeaders = responseHeadersAsync;
        _status = getStatusFunc;
        _trailers = getTrailersFunc;
        _dispose = disposeAction;
        _state = state;
    }

    public Task<TResponse> ResponseAsync { get; }

    /// <summary>Complete when the response's headers have come.</summary>
    public Task<Metadata> ResponseHeadersAsync => _responseHeaders(_state);

    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <summary>How the call ended; an <see cref="InvalidOperationException"/> before it has.</summary>
    public Status GetStatus() => _status(_state);

    /// <summary>What came with the status; an <see cref="InvalidOperationException"/> before the call has ended.</summary>
    public Metadata GetTrailers() => _trailers(_state);

    public void Dispose() => _dispose(_state);
}
