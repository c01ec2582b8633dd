using System.Threading.Channels;
using Grpc.Core;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;

namespace Pantheon.Serving.Ranking;

/// <summary>
/// One RankStream: reads requests, scores up to a limit of them at the same time, writes answers as they finish. A slot is
/// taken before a request is read and comes back when its answer is written, so at the limit (answers that the client does
/// not take included) it stops reading, and HTTP/2's flow control holds the client back. On shutdown it takes no more
/// requests, answers those it has, and ends with UNAVAILABLE.
/// </summary>
internal sealed partial class RankStreamCall : IDisposable
{
    private readonly ScoringEngine _engine;
    private readonly int _concurrency;
    private readonly TimeProvider _clock;
    private readonly long _deadline;
    private readonly CancellationToken _cancellation;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _slots;
    private readonly Channel<RankStreamReply> _answers = Channel.CreateUnbounded<RankStreamReply>(new() { SingleReader = true });
    // Ends the reading: the server stops, the call is cancelled, or no more answers can be written.
    private readonly CancellationTokenSource _noMore;
    private Exception? _failure;

    /// <param name="engine">Ranks.</param>
    /// <param name="concurrency">Requests in flight at most.</param>
    /// <param name="clock">For timeouts.</param>
    /// <param name="deadline">The call's own deadline, as the engine takes it.</param>
    /// <param name="logger">For failures that are not the client's.</param>
    /// <param name="cancellation">Cancelled when the call's deadline passes or its client leaves.</param>
    /// <param name="stopping">Cancelled when the server takes no more requests.</param>
    public RankStreamCall(
        ScoringEngine engine, int concurrency, TimeProvider clock, long deadline, ILogger logger, CancellationToken cancellation, CancellationToken stopping)
    {
        _engine = engine;
        _concurrency = concurrency;
        _clock = clock;
        _deadline = deadline;
        _cancellation = cancellation;
        _logger = logger;
        _slots = new SemaphoreSlim(concurrency);
        _noMore = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping);
    }

    public void Dispose()
    {
        _slots.Dispose();
        _noMore.Dispose();
    }

    public async Task RunAsync(IAsyncStreamReader<RankQuery> requests, IServerStreamWriter<RankStreamReply> replies)
    {
        var writing = WriteAsync(replies);
        var ended = false;
        try
        {
            ended = await ReadAsync(requests);
        }
        finally
        {
            // Every request in flight holds a slot; with all of them back, every answer is written.
            for (var i = 0; i < _concurrency; i++)
            {
                await _slots.WaitAsync(CancellationToken.None);
            }

            _answers.Writer.Complete();
            await writing;
        }

        if (_failure is not null)
        {
            throw new RpcException(new Status(StatusCode.Internal, "an answer could not be written; the server's log says why"));
        }

        if (!ended)
        {
            _cancellation.ThrowIfCancellationRequested();
            throw new RpcException(new Status(StatusCode.Unavailable, "the server is going down: try another one"));
        }
    }

    /// <returns>True if the client ended its requests; false if they are not read to their end.</returns>
    private async Task<bool> ReadAsync(IAsyncStreamReader<RankQuery> requests)
    {
        var noMore = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = _noMore.Token.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), noMore);
        while (true)
        {
            try
            {
                await _slots.WaitAsync(_noMore.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }

            var handedOver = false;
            try
            {
                // A busy client's next request is always here already: without this look, shutdown would never have its turn.
                if (_noMore.IsCancellationRequested)
                {
                    return false;
                }

                var next = requests.MoveNext(_cancellation);
                if (!next.IsCompleted && await Task.WhenAny(next, noMore.Task) != next)
                {
                    _ = DropAsync(next, requests);
                    return false;
                }

                if (!await next)
                {
                    return true;
                }

                handedOver = true;
                // Onto the pool: the graph runs on the thread that scores, and this one has to read on.
                ThreadPool.UnsafeQueueUserWorkItem(
                    static state => _ = state.Call.ScoreAsync(state.Query, state.Arrival),
                    (Call: this, Query: requests.Current, Arrival: _clock.GetTimestamp()),
                    preferLocal: false);
            }
            finally
            {
                if (!handedOver)
                {
                    _slots.Release();
                }
            }
        }
    }

    // The read that is left behind ends with the call; a request that it still brought is given back.
    private static async Task DropAsync(Task<bool> next, IAsyncStreamReader<RankQuery> requests)
    {
        try
        {
            if (await next)
            {
                requests.Current.Dispose();
            }
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // The call is over, which is all there is to know.
        }
    }

    // The slot goes with the answer and comes back when it is written.
    private async Task ScoreAsync(RankQuery query, long arrival)
    {
        RankOutcome outcome;
        try
        {
            outcome = await RankAsync(query, arrival);
        }
#pragma warning disable CA1031 // Nobody awaits this: whatever happens, the slot has to come back, and it does with the answer.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailed(_logger, error);
            outcome = new RankOutcome(null, new RankFault(RankFaultKind.Internal, "the request could not be scored; the server's log says why"));
        }

        _answers.Writer.TryWrite(new RankStreamReply(query, outcome));
    }

    private async ValueTask<RankOutcome> RankAsync(RankQuery query, long arrival)
    {
        if (query.DecodeFault is null && query.RequestId.Length == 0)
        {
            query.DecodeFault = RankFault.Invalid("request.request_id", "none", "one, to match the answer");
        }

        var timeout = query.TimeoutMilliseconds;
        if (timeout == 0)
        {
            return await _engine.RankAsync(query, _deadline, _cancellation);
        }

        // A day is as good as for ever, and safe from overflow.
        const long Day = 24 * 60 * 60 * 1000;
        if (timeout < 0)
        {
            query.DecodeFault ??= RankFault.Invalid("timeout_ms", $"{timeout}", "0 (none) or above");
        }

        // It counts from the request's arrival, and it may have waited for a thread since.
        var due = arrival + (Math.Clamp(timeout, 1, Day) * _clock.TimestampFrequency / 1000);
        var left = _clock.GetElapsedTime(_clock.GetTimestamp(), due);
        using var limited = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, _cancellation);
        return await _engine.RankAsync(query, Math.Min(_deadline, due), both.Token);
    }

    private async Task WriteAsync(IServerStreamWriter<RankStreamReply> replies)
    {
        var broken = false;
        await foreach (var answer in _answers.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                if (!broken)
                {
                    await replies.WriteAsync(answer, CancellationToken.None);
                }
            }
#pragma warning disable CA1031 // Whatever happens, the slot has to come back.
            catch (Exception error)
#pragma warning restore CA1031
            {
                // From here on answers are only given back, and nothing more is read.
                broken = true;
                if (error is not (RpcException or OperationCanceledException or IOException or InvalidOperationException))
                {
                    // Not a client that is gone, but an answer that cannot be written.
                    LogFailed(_logger, error);
                    _failure = error;
                }

                await _noMore.CancelAsync();
            }
            finally
            {
                answer.Dispose();
                _slots.Release();
            }
        }
    }

    [LoggerMessage(EventId = 1003, Level = LogLevel.Error, Message = "A request of a RankStream ended in an unexpected error")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
