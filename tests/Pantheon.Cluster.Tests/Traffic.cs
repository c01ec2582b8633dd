using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Cluster.Tests;

/// <summary>
/// Callers through the proxy, at a fixed rate whatever comes back, who do what docs/deployment.md asks of them: a call that ends UNAVAILABLE is made
/// again, up to <see cref="Attempts"/> times within its deadline. What was seen of an answer they report until that is stored.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    public const int Attempts = 5;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan s_backoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    private readonly GrpcChannel _channel;
    private readonly Users _users;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _calls = [];
    private readonly Task _loop;
    private int _firstTryFailures;
    private int _refusedReports;

    public Traffic(Proxy proxy, Users? users = null)
    {
        _users = users ?? Users.OfProbe;
        _channel = proxy.NewChannel();
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Requests that were answered.</summary>
    public ConcurrentQueue<Answer> Answers { get; } = new();

    /// <summary>Requests that were not, whatever was tried.</summary>
    public ConcurrentQueue<RpcException> Failures { get; } = new();

    /// <summary>Ids of rankings whose reports were answered: they are stored.</summary>
    public ConcurrentDictionary<string, bool> Reported { get; } = new(StringComparer.Ordinal);

    /// <summary>Requests whose first attempt failed.</summary>
    public int FirstTryFailures => _firstTryFailures;

    /// <summary>Attempts to report that ended UNAVAILABLE, or had no answer in time.</summary>
    public int RefusedReports => _refusedReports;

    /// <summary>Waits until so many requests more were answered.</summary>
    public Task MoreAsync(int answers)
    {
        var before = Answers.Count;
        return Poll.UntilAsync(
            () => Failures.TryPeek(out var failure) ? throw new InvalidOperationException("a request failed", failure) : Task.FromResult(Answers.Count >= before + answers),
            $"{answers} more answers");
    }

    /// <summary>One more request.</summary>
    /// <param name="rounds">How long it takes, see <see cref="ProbeModel"/>.</param>
    /// <param name="candidates">How large it is: some 5 bytes each.</param>
    public void Send(long rounds, int candidates) => _calls.Add(CallAsync(Users.Request("slow", rounds, candidates), _ => null));

    /// <summary>Ends it, once every request is answered and every report is stored.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await Task.WhenAll(_calls).WaitAsync(Poll.Limit);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _channel.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(s_tick);
        try
        {
            for (var number = 0; await timer.WaitForNextTickAsync(_stop.Token); number++)
            {
                var (request, seen) = _users.Next(number);
                _calls.Add(CallAsync(request, seen));
            }
        }
        catch (OperationCanceledException)
        {
            // No more.
        }
    }

    private async Task CallAsync(RankRequest request, Func<RankResponse, FeedbackReport?> seen)
    {
        var sent = Stopwatch.GetTimestamp();
        var deadline = DateTime.UtcNow + s_deadline;
        var client = new ScoringClient(_channel);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await client.RankAsync(request, deadline: deadline);
                Answers.Enqueue(new Answer(sent, Stopwatch.GetTimestamp(), answer.Version, answer.Arm, answer.RankingId));
                if (answer.RankingId.Length > 0 && seen(answer) is { } report)
                {
                    await ReportAsync(report);
                }

                return;
            }
            catch (RpcException error)
            {
                if (attempt == 1)
                {
                    Interlocked.Increment(ref _firstTryFailures);
                }

                if (error.StatusCode != StatusCode.Unavailable || attempt == Attempts)
                {
                    Failures.Enqueue(error);
                    return;
                }

                await Task.Delay(s_backoff * attempt);
            }
        }
    }

    private async Task ReportAsync(FeedbackReport report)
    {
        var request = new ReportRequest { Reports = { report } };
        var client = new Feedback.FeedbackClient(_channel);
        while (true)
        {
            try
            {
                await client.ReportAsync(request, deadline: DateTime.UtcNow + s_deadline);
                Reported[report.RankingId] = true;
                return;
            }
            catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                Interlocked.Increment(ref _refusedReports);
                await Task.Delay(s_backoff * 6);
            }
            catch (RpcException error)
            {
                Failures.Enqueue(error);
                return;
            }
        }
    }
}

/// <summary>Who calls.</summary>
/// <param name="Next">By the request's number: what is asked for, and what of the answer is reported; null: nothing.</param>
internal sealed record Users(Func<int, (RankRequest Request, Func<RankResponse, FeedbackReport?> Seen)> Next)
{
    private const int ReportEvery = 4;

    /// <summary>Of the probe model, each another one; every fourth says that the first item was shown.</summary>
    public static Users OfProbe { get; } = new(number => (
        Request($"user {number}", 0, 3),
        answer => number % ReportEvery == 0 ? new FeedbackReport { RankingId = answer.RankingId, Items = { new ItemFeedback { Rank = 0, ShownPosition = 0 } } } : null));

    public static RankRequest Request(string user, long rounds, int candidates)
    {
        var request = ProbeModel.Request(Cluster.Model, rounds, [.. Enumerable.Range(0, candidates).Select(candidate => candidate / 8192f)]);
        (request.RequestId, request.UserKey) = (user, user);
        return request;
    }
}

/// <summary>An answer.</summary>
/// <param name="Sent">When it was first asked for, by <see cref="Stopwatch"/>.</param>
/// <param name="Came">When it came.</param>
/// <param name="Version">Who answered.</param>
/// <param name="Arm">As what.</param>
/// <param name="RankingId">Its id; empty where the replica had no store.</param>
internal sealed record Answer(long Sent, long Came, long Version, Arm Arm, string RankingId);
