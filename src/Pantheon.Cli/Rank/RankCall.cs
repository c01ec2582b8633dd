using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Pantheon.Contracts.Health.V1;
using Pantheon.Contracts.V1;

namespace Pantheon.Cli.Rank;

/// <summary>One call of Scoring/Rank.</summary>
/// <param name="address">Where the service is.</param>
/// <param name="timeout">The deadline of each attempt.</param>
internal sealed class RankCall(Uri address, TimeSpan timeout) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);

    /// <summary>Waits until the service says that it is ready: its default model is loaded and the way to it is warm.</summary>
    /// <param name="patience">For how long.</param>
    /// <param name="terminal">Where it says that it waits.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandFailure">It is not ready by then.</exception>
    public async Task WaitUntilReadyAsync(TimeSpan patience, Terminal terminal, CancellationToken cancellation)
    {
        var health = new Health.HealthClient(_channel);
        var begin = Stopwatch.GetTimestamp();
        string state;
        for (var pause = FirstPause; ; pause = pause + pause < LongestPause ? pause + pause : LongestPause)
        {
            try
            {
                var answer = await health.CheckAsync(new HealthCheckRequest(), deadline: DateTime.UtcNow + timeout, cancellationToken: cancellation).ConfigureAwait(false);
                if (answer.Status == HealthCheckResponse.Types.ServingStatus.Serving)
                {
                    return;
                }

                state = $"its health is {CallFailure.NameOf(answer.Status.ToString())}";
            }
            catch (RpcException error) when (!cancellation.IsCancellationRequested)
            {
                state = $"{CallFailure.NameOf(error.StatusCode.ToString())}: {error.Status.Detail}";
            }

            if (Stopwatch.GetElapsedTime(begin) + pause >= patience)
            {
                throw new CommandFailure($"{address.Authority} is not ready after {patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s: {state}");
            }

            if (pause == FirstPause)
            {
                terminal.Fail($"waiting for {address.Authority} ...");
            }

            await Task.Delay(pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Ranks.</summary>
    /// <returns>The answer, and how long it took.</returns>
    /// <exception cref="CommandFailure">The status and message that the call ended with.</exception>
    public async Task<(RankResponse Response, TimeSpan RoundTrip)> RankAsync(RankRequest request, CancellationToken cancellation)
    {
        var client = new Contracts.V1.Scoring.ScoringClient(_channel);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var response = await client.RankAsync(request, deadline: DateTime.UtcNow + timeout, cancellationToken: cancellation).ConfigureAwait(false);
            return (response, Stopwatch.GetElapsedTime(start));
        }
        catch (RpcException error) when (!cancellation.IsCancellationRequested)
        {
            throw CallFailure.Of(error, address);
        }
    }

    public void Dispose() => _channel.Dispose();
}
