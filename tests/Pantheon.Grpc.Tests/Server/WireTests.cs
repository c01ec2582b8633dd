using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Pantheon.Grpc.Tests.Protos;

namespace Pantheon.Grpc.Tests.Server;

/// <summary>Our server at the level of HTTP/2, byte for byte.</summary>
public sealed class WireTests(WireTests.Servers servers) : IClassFixture<WireTests.Servers>
{
    private readonly HttpClient _http = Frames.Http();

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc+whatever; charset=utf-8")]
    [InlineData("application/grpc;x=y")]
    public async Task Unary_GrpcContentType_Answered(string contentType)
    {
        using var response = await SendAsync(Frames.Frame(new Ask { Text = "hi" }), contentType: contentType);
        var (body, status, _) = await Frames.ReadAsync(response);
        Assert.Equal((HttpStatusCode.OK, "0"), (response.StatusCode, status));
        Assert.Equal("application/grpc", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Frames.Frame(new Answer { Text = "hi" }), body);
        Assert.True(response.TrailingHeaders.Contains("grpc-status"), "The status of an answer with a message is a trailer.");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpcx")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Unary_OtherContentType_UnsupportedMediaType(string? contentType)
    {
        using var response = await SendAsync(Frames.Frame(new Ask()), contentType: contentType);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("13", Frames.Header(response, "grpc-status"));
    }

    // Upstream does not find it.
    [Fact, Trait("Upstream", "differs")]
    public async Task Unary_Get_MethodNotAllowed()
    {
        var request = Frames.Request(servers.Default.Address, []);
        request.Method = HttpMethod.Get;
        request.Content = null;
        using var response = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Unary_Http11_UpgradeRequired()
    {
        var request = Frames.Request(servers.Default.Http1Address, Frames.Frame(new Ask()));
        request.Version = HttpVersion.Version11;
        using var response = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    [Theory]
    [InlineData("/pantheon.grpctests.Probe/Nothing", "Method is unimplemented.")]
    [InlineData("/nobody.Knows/This", "Service is unimplemented.")]
    public async Task Unary_UnknownPath_UnimplementedInTrailersOnly(string path, string message)
    {
        using var response = await SendAsync(Frames.Frame(new Ask()), path);
        var (body, status, text) = await Frames.ReadAsync(response);
        Assert.Equal((HttpStatusCode.OK, "12", message), (response.StatusCode, status, text));
        Assert.Empty(body);
        Assert.True(response.Headers.Contains("grpc-status"), "A status without a message is in the headers.");
    }

    [Fact]
    public async Task NoGrpc_UnknownPath_NotFound()
    {
        using var response = await SendAsync([], "/nobody.Knows/This", "application/json");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Unary_Fails_TrailersOnlyWithPercentEncodedMessage()
    {
        using var response = await SendAsync(Frames.Frame(new Ask { Act = Act.Fail, Code = 3, Text = "50 % für\n😀" }));
        Assert.Equal("3", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("50 %25 f%C3%BCr%0A%F0%9F%98%80", response.Headers.GetValues("grpc-message").Single());
        Assert.Equal("because", response.Headers.GetValues("x-why").Single());
    }

    public static TheoryData<string, byte[], string> BadBodies => new()
    {
        { "nothing", [], "Incomplete message." },
        { "part of a header", [0, 0, 0], "Incomplete message." },
        { "a header alone", Frames.Frame([], length: 10), "Incomplete message." },
        { "part of a message", Frames.Frame(new byte[9], length: 10), "Incomplete message." },
        { "two messages", [.. Frames.Frame(new Ask()), .. Frames.Frame(new Ask())], "Additional data after the message received." },
        { "more than a message", [.. Frames.Frame(new Ask()), 0], "Additional data after the message received." },
    };

    [Theory, MemberData(nameof(BadBodies))]
    public async Task Unary_BadBody_Internal(string name, byte[] body, string message)
    {
        using var response = await SendAsync(body);
        var (_, status, text) = await Frames.ReadAsync(response);
        Assert.True((status, text) == ("13", message), $"{name}: {status} {text}");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(255)]
    public async Task Unary_BadCompressedFlag_FailsAndServiceStays(byte flag)
    {
        using var response = await SendAsync(Frames.Frame(new Ask().ToByteArray(), flag));
        Assert.Contains((await Frames.ReadAsync(response)).Status, new[] { "2", "13" });
        using var next = await SendAsync(Frames.Frame(new Ask()));
        Assert.Equal("0", (await Frames.ReadAsync(next)).Status);
    }

    [Fact]
    public async Task Unary_LengthOverLimit_ResourceExhaustedBeforeTheMessageCame()
    {
        // Five bytes of a request that never ends: the answer cannot wait for the message.
        using var body = new NeverEndingContent(Frames.Frame([], length: 5 << 20));
        var request = Frames.Request(servers.Default.Address, []);
        request.Content = body;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Time.Limit);
        Assert.Equal("8", Frames.Header(response, "grpc-status"));
        Assert.Equal("Received message exceeds the maximum configured message size.", Frames.Header(response, "grpc-message"));
    }

    [Fact]
    public async Task Unary_GzipRequest_Read()
    {
        var ask = new Ask { Text = new string('x', 10_000) };
        using var response = await SendAsync(Frames.Frame(Frames.Gzip(ask.ToByteArray()), 1), headers: ("grpc-encoding", "gzip"));
        var (body, status, _) = await Frames.ReadAsync(response);
        Assert.Equal("0", status);
        Assert.Equal(Frames.Frame(new Answer { Text = ask.Text }), body);
    }

    [Theory]
    [InlineData(null, "13", "Request did not include grpc-encoding value with compressed message.")]
    [InlineData("identity", "13", "Request sent 'identity' grpc-encoding value with compressed message.")]
    public async Task Unary_CompressedWithoutSuchEncoding_Internal(string? encoding, string status, string message)
    {
        (string, string)[] headers = encoding is null ? [] : [("grpc-encoding", encoding)];
        using var response = await SendAsync(Frames.Frame(Frames.Gzip([]), 1), headers: headers);
        var answer = await Frames.ReadAsync(response);
        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Unary_UnknownEncoding_UnimplementedWithWhatIsAccepted()
    {
        using var response = await SendAsync(Frames.Frame([1, 2, 3], 1), headers: ("grpc-encoding", "snappy"));
        var (_, status, message) = await Frames.ReadAsync(response);
        Assert.Equal("12", status);
        Assert.StartsWith("Unsupported grpc-encoding value 'snappy'. Supported encodings: identity, gzip", message, StringComparison.Ordinal);
        Assert.StartsWith("identity,gzip", Frames.Header(response, "grpc-accept-encoding")?.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    // Upstream bounds what comes, not what it inflates to.
    [Fact, Trait("Upstream", "differs")]
    public async Task Unary_GzipBomb_ResourceExhausted()
    {
        var bomb = Frames.Gzip(new Ask { Payload = ByteString.CopyFrom(new byte[64 << 20]) }.ToByteArray());
        Assert.True(bomb.Length < 1 << 20);
        using var response = await SendAsync(Frames.Frame(bomb, 1), headers: ("grpc-encoding", "gzip"));
        Assert.Equal("8", (await Frames.ReadAsync(response)).Status);
    }

    [Fact]
    public async Task Unary_AnswersWithGzip_OnlyIfAccepted()
    {
        var ask = Frames.Frame(new Ask { Act = Act.Size, Count = 100_000 });
        using var compressed = await SendAsync(ask, headers: ("grpc-accept-encoding", "identity, gzip"), server: servers.Gzip);
        var (body, status, _) = await Frames.ReadAsync(compressed);
        Assert.Equal(("0", 1, "gzip"), (status, body[0], Frames.Header(compressed, "grpc-encoding")));
        Assert.InRange(body.Length, 6, 10_000);

        using var plain = await SendAsync(ask, server: servers.Gzip);
        (body, status, _) = await Frames.ReadAsync(plain);
        Assert.Equal(("0", 0), (status, body[0]));
        Assert.InRange(body.Length, 100_000, 100_020);
    }

    [Fact]
    public async Task Unary_AnswerOverLimit_ResourceExhausted()
    {
        using var response = await SendAsync(Frames.Frame(new Ask { Act = Act.Size, Count = 2000 }), server: servers.Small);
        var (_, status, message) = await Frames.ReadAsync(response);
        Assert.Equal(("8", "Sending message exceeds the maximum configured message size."), (status, message));
    }

    [Theory]
    [InlineData("10S", 10_000)]
    [InlineData("20000m", 20_000)]
    [InlineData("30000000u", 30_000)]
    [InlineData("90000000n", 90)]
    [InlineData("5M", 300_000)]
    [InlineData("1H", 3_600_000)]
    public async Task Unary_Timeout_IsTheDeadline(string timeout, int milliseconds)
    {
        using var response = await SendAsync(Frames.Frame(new Ask { Act = Act.Deadline }), headers: ("grpc-timeout", timeout));
        var (body, status, _) = await Frames.ReadAsync(response);
        if (milliseconds > 1000 || status == "0")
        {
            Assert.Equal("0", status);
            Assert.InRange(Answer.Parser.ParseFrom(body, 5, body.Length - 5).Count, milliseconds - 9000, milliseconds);
        }
        else
        {
            Assert.Equal("4", status);
        }
    }

    [Fact]
    public async Task Unary_LongestTimeout_IsKept()
    {
        using var response = await SendAsync(Frames.Frame(new Ask { Act = Act.Echo }), headers: ("grpc-timeout", "99999999H"));
        Assert.Equal("0", (await Frames.ReadAsync(response)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("10")]
    [InlineData("10s")]
    [InlineData("-1S")]
    [InlineData("1.5S")]
    [InlineData("10 S")]
    [InlineData("99999999999S")]
    public async Task Unary_InvalidTimeout_Ignored(string timeout)
    {
        using var response = await SendAsync(Frames.Frame(new Ask { Act = Act.Deadline }), headers: ("grpc-timeout", timeout));
        var (body, status, _) = await Frames.ReadAsync(response);
        Assert.Equal("0", status);
        Assert.Equal(-1, Answer.Parser.ParseFrom(body, 5, body.Length - 5).Count);
    }

    [Fact]
    public async Task Unary_TimeoutPasses_AnsweredThoughTheHandlerHasNotReturned()
    {
        // HttpClient has no deadline of its own, so this is the server's answer.
        using var response = await SendAsync(Frames.Frame(new Ask { Act = Act.Wait, Text = "wire" }), headers: ("grpc-timeout", "200m"));
        var (_, status, message) = await Frames.ReadAsync(response);
        Assert.Equal(("4", "Deadline Exceeded"), (status, message));
        Assert.Equal("cancelled", await servers.Default.Services.GetRequiredService<Journal>().ReadAsync("wire"));
    }

    [Fact]
    public async Task ServerStream_TimeoutPasses_MessagesThenDeadlineExceededInTrailers()
    {
        using var response = await SendAsync(
            Frames.Frame(new Ask { Act = Act.Wait, Count = 2, Text = "wire-stream" }),
            "/pantheon.grpctests.Probe/ServerStream",
            headers: ("grpc-timeout", "500m"));
        var (body, status, _) = await Frames.ReadAsync(response);
        Assert.Equal("4", status);
        Assert.Equal([.. Frames.Frame(new Answer()), .. Frames.Frame(new Answer { Count = 1 })], body);
    }

    [Fact]
    public async Task Duplex_TimeoutPassesWhileReading_HandlerWakes()
    {
        var journal = new Journal();
        await using var server = await ProbeServer.StartAsync(
            map: app => app.MapGrpcService<EndlessReader>(), services: services => services.AddSingleton(journal));
        using var body = new NeverEndingContent(Frames.Frame(new Ask()));
        var request = Frames.Request(server.Address, [], "/pantheon.grpctests.Probe/Duplex");
        request.Content = body;
        request.Headers.TryAddWithoutValidation("grpc-timeout", "200m");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Time.Limit);
        Assert.Equal("4", Frames.Header(response, "grpc-status"));
        Assert.Equal("left", await journal.ReadAsync("reader"));
    }

    [Fact]
    public async Task Unary_BinaryMetadataWithAndWithoutPadding_Read()
    {
        foreach (var value in new[] { "AQI=", "AQI" })
        {
            using var response = await SendAsync(Frames.Frame(new Ask { Act = Act.Metadata }), headers: ("x-echo-bin", value));
            await Frames.ReadAsync(response);
            Assert.Equal("AQI", Frames.Header(response, "x-echo-bin")?.TrimEnd('='));
        }
    }

    // Upstream takes the joined values for one.
    [Fact, Trait("Upstream", "differs")]
    public async Task Unary_BinaryMetadataJoinedByCommas_IsSeveralValues()
    {
        using var response = await SendAsync(Frames.Frame(new Ask { Act = Act.Metadata }), headers: ("x-echo-bin", "AQ==, AgM,"));
        await Frames.ReadAsync(response);
        Assert.Equal(["AQ==", "AgM=", ""], response.Headers.GetValues("x-echo-bin"));
    }

    [Fact]
    public async Task Unary_DetailedErrors_NameTheException()
    {
        using var plain = await SendAsync(Frames.Frame(new Ask { Act = Act.Throw, Text = "why" }));
        var answer = await Frames.ReadAsync(plain);
        Assert.Equal(("2", "Exception was thrown by handler."), (answer.Status, answer.Message));
        using var detailed = await SendAsync(Frames.Frame(new Ask { Act = Act.Throw, Text = "why" }), server: servers.Small);
        answer = await Frames.ReadAsync(detailed);
        Assert.Equal(("2", "Exception was thrown by handler. ArithmeticException: why"), (answer.Status, answer.Message));
    }

    private Task<HttpResponseMessage> SendAsync(
        byte[] body,
        string path = "/pantheon.grpctests.Probe/Unary",
        string? contentType = "application/grpc",
        ProbeServer? server = null,
        params (string Name, string Value)[] headers)
    {
        var request = Frames.Request((server ?? servers.Default).Address, body, path, contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _http.SendAsync(request).WaitAsync(Time.Limit);
    }

    public sealed class Servers : IAsyncLifetime
    {
        internal ProbeServer Default { get; private set; } = null!;

        internal ProbeServer Gzip { get; private set; } = null!;

        internal ProbeServer Small { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Default = await ProbeServer.StartAsync();
            Gzip = await ProbeServer.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
            Small = await ProbeServer.StartAsync(options =>
            {
                options.MaxSendMessageSize = 1000;
                options.EnableDetailedErrors = true;
            });
        }

        public async Task DisposeAsync()
        {
            await Default.DisposeAsync();
            await Gzip.DisposeAsync();
            await Small.DisposeAsync();
        }
    }

    /// <summary>Reads, heedless of the call's token.</summary>
    private sealed class EndlessReader(Journal journal) : Probe.ProbeBase
    {
        public override async Task Duplex(
            IAsyncStreamReader<Ask> requestStream, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
        {
            try
            {
                while (await requestStream.MoveNext())
                {
                }
            }
            finally
            {
                journal.Write("reader", "left");
            }
        }
    }

    /// <summary>Sends its bytes and then neither more nor the end, until disposed.</summary>
    private sealed class NeverEndingContent : HttpContent
    {
        private readonly byte[] _bytes;
        private readonly TaskCompletionSource _end = new();

        public NeverEndingContent(byte[] bytes)
        {
            _bytes = bytes;
            Headers.ContentType = new("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_bytes);
            await stream.FlushAsync();
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _end.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
