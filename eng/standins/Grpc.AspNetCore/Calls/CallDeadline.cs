namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Ends a call when its time is over, though its handler may go on, and tells the handler by a token.</summary>
internal sealed class CallDeadline : IDisposable
{
    /// <summary>No timer waits longer; a later deadline takes several.</summary>
    private const long LongestWait = 0xfffffffe;

    private readonly HttpServerCallContext _call;
    private readonly long _dueTick;
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenRegistration _aborted;
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _timer;

    public CallDeadline(HttpServerCallContext call, TimeSpan timeout)
    {
        _call = call;
        At = DateTime.UtcNow + timeout;
        _dueTick = Environment.TickCount64 + (long)Math.Ceiling(timeout.TotalMilliseconds);
        Token = _cancelled.Token;
        _aborted = call.Http.RequestAborted.UnsafeRegister(
            static source => ((CancellationTokenSource)source!).Cancel(), _cancelled);
        using (ExecutionContext.SuppressFlow())
        {
            _timer = new Timer(static deadline => ((CallDeadline)deadline!).OnTimer(), this, Timeout.Infinite, Timeout.Infinite);
        }

        Wait();
    }

    public DateTime At { get; }

    /// <summary>Cancelled at the deadline and when the client goes.</summary>
    public CancellationToken Token { get; }

    /// <summary>Complete when the deadline's answer is out; only of a call that the deadline ended.</summary>
    public Task Answered => _answered.Task;

    public void Dispose()
    {
        _timer.Dispose();
        _aborted.Dispose();

        // The source is left to the collector: it holds no timer, and handlers may still hold its token.
    }

    private void Wait() =>
        _timer.Change(Math.Clamp(_dueTick - Environment.TickCount64, 0, LongestWait), Timeout.Infinite);

    private void OnTimer()
    {
        if (Environment.TickCount64 < _dueTick)
        {
            try
            {
                Wait();
            }
            catch (ObjectDisposedException)
            {
                // The call has just ended.
            }
        }
        else if (_call.TryEnd())
        {
            _ = AnswerAsync();
        }
    }

    private async Task AnswerAsync()
    {
        // The token is cancelled after the answer has begun, so that no handler can be quicker with another answer, and
        // before it is out, since a client that does not read must not keep a handler running. User callbacks run elsewhere.
        var answer = _call.SendDeadlineExceededAsync();
        var told = _cancelled.CancelAsync();
        try
        {
            _call.StopReading();
            await answer.ConfigureAwait(false);
            await told.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            ServerLog.Failed(_call.Logger, _call.Method, exception);
        }
        finally
        {
            _answered.SetResult();
        }
    }
}
