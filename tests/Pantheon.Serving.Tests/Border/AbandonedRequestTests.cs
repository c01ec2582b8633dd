using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Border;

/// <summary>Callers that leave in the middle of a unary request, which no gRPC library lets a test do at will.</summary>
[Collection(nameof(Service))]
public sealed class AbandonedRequestTests(Service service)
{
    // The bug: what was decoded belonged to nobody until the service's method ran, so its memory stayed rented.
    [Fact]
    public async Task Rank_ResetAfterTheMessageAndBeforeItsEnd_GivesTheMemoryBack()
    {
        await service.Process.IdleAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var cancellation = new CancellationTokenSource();
        using var content = new UnfinishedContent(ProbeModel.Request(ProbeModel.Strict, 0, new float[100]).ToByteArray());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{service.Process.Target}/pantheon.serving.v1.Scoring/Rank"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var call = client.SendAsync(request, cancellation.Token);
        await Poll.UntilAsync(async () => await service.Process.MetricAsync("pantheon_buffers_rented_bytes") > 0, "the message is decoded");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => call);
        await service.Process.IdleAsync();
    }

    /// <summary>A whole gRPC message, after which the stream stays open.</summary>
    private sealed class UnfinishedContent : HttpContent
    {
        private readonly byte[] _frame;

        public UnfinishedContent(byte[] message)
        {
            _frame = new byte[5 + message.Length];
            BinaryPrimitives.WriteInt32BigEndian(_frame.AsSpan(1), message.Length);
            message.CopyTo(_frame, 5);
            Headers.ContentType = new("application/grpc");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(_frame, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
