using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Scoring.Models;

namespace Pantheon.Serving.Models;

/// <summary>
/// Sends a few ranking requests to our own gRPC port before readiness is announced, so that the code between the socket
/// and the graph is compiled by then: otherwise the first caller waits for it, some 50 ms.
/// </summary>
internal sealed partial class SelfWarmUp(IServer server, IHostApplicationLifetime lifetime, ILogger<SelfWarmUp> logger)
{
    // The runtime replaces a method's first, quick code after 30 calls.
    private const int Requests = 64;

    /// <summary>Sends them. Failing to is no reason not to serve: it is logged.</summary>
    /// <param name="model">The default model, already in the catalog.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task RunAsync(LoadedModel model, CancellationToken cancellation)
    {
        if (model.Bundle.Goldens.Count == 0)
        {
            return;
        }

        // The port is known once the server listens, which it may not yet.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), started);
        await started.Task.WaitAsync(cancellation);
        var frame = Frame(Request(model).ToByteArray());
        try
        {
            var address = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Reachable(new Uri(address)), Timeout = TimeSpan.FromSeconds(10) };
            for (var i = 0; i < Requests; i++)
            {
                using var message = new HttpRequestMessage(HttpMethod.Post, "/pantheon.serving.v1.Scoring/Rank")
                {
                    Version = HttpVersion.Version20,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = new ByteArrayContent(frame),
                };
                message.Content.Headers.ContentType = new("application/grpc");
                message.Headers.TE.Add(new("trailers"));
                using var response = await client.SendAsync(message, cancellation);
                await response.Content.ReadAsByteArrayAsync(cancellation);
                var status = response.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer.First()
                    : response.Headers.TryGetValues("grpc-status", out var header) ? header.First() : "none";
                if (status != "0")
                {
                    LogStatus(status);
                    return;
                }
            }
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            LogFailed(error);
        }
    }

    // It pins the version, so that it is not measured as traffic. The golden request's rows are taken for raw ids where there is a vocabulary: then they are unknown ids, which are ids too.
    private static RankRequest Request(LoadedModel model)
    {
        var request = new RankRequest { RequestId = "warm-up", Model = model.Name, Version = model.Version, Output = new OutputOptions { Pxtrs = true } };
        foreach (var spec in model.Bundle.Manifest.Inputs)
        {
            var tensor = model.Bundle.Goldens[0].Inputs[spec.Name];
            var ofUser = spec.Side == FeatureSide.User;
            // A tiled user input is golden as the graph takes it, and sent as one row.
            var count = ofUser ? spec.Width : tensor.Shape.Aggregate(1L, (product, dimension) => product * dimension);
            var feature = new Feature { Name = spec.Name };
            if (spec.Vocabulary?.Kind == VocabularyKind.String)
            {
                feature.Strings.AddRange(Enumerable.Repeat("", (int)count));
            }
            else if (tensor.Floats is { } floats)
            {
                feature.Floats.AddRange(floats.Take((int)count));
            }
            else
            {
                feature.Int64S.AddRange(tensor.Int64s!.Take((int)count));
            }

            (ofUser ? request.UserFeatures : request.CandidateFeatures).Add(feature);
        }

        return request;
    }

    private static Uri Reachable(Uri address)
    {
        var host = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
            ? "127.0.0.1"
            : address.Host;
        return new UriBuilder(address) { Host = host }.Uri;
    }

    // gRPC's frame: not compressed, then the length.
    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    [LoggerMessage(EventId = 2003, Level = LogLevel.Warning, Message = "The warm-up request to our own port was answered with grpc-status {Status}; the first callers will be slower")]
    private partial void LogStatus(string status);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "The warm-up could not reach our own port; the first callers will be slower")]
    private partial void LogFailed(Exception error);
}
