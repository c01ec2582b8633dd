using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pantheon.Grpc.Tests.Protos;
using Pantheon.Grpc.Tests.Server;

namespace Pantheon.Grpc.Tests.Client;

/// <summary>Our client with servers that speak HTTP/2 but no good gRPC.</summary>
public sealed class BadServerTests
{
    private static readonly byte[] Good = Frames.Frame(new Answer { Text = "good" });

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(418, StatusCode.Unknown)]
    [InlineData(500, StatusCode.Unknown)]
    public async Task Answer_OtherHttpStatus_Mapped(int http, StatusCode expected)
    {
        var status = await CallAsync(context =>
        {
            context.Response.StatusCode = http;
            return context.Response.WriteAsync("no gRPC here");
        });
        Assert.Equal((expected, $"Bad gRPC response. HTTP status code: {http}"), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task Answer_OtherHttpStatusWithGrpcStatus_GrpcStatusCounts()
    {
        var status = await CallAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers["grpc-status"] = "15";
            context.Response.Headers["grpc-message"] = "gr%C3%BC%C3%9Fe";
            return Task.CompletedTask;
        });
        Assert.Equal((StatusCode.DataLoss, "grüße"), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task Answer_MessageWithoutStatus_Cancelled()
    {
        var status = await CallAsync(context => AnswerAsync(context, Good, status: null));
        Assert.Equal((StatusCode.Cancelled, "No grpc-status found on response."), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task Answer_StatusThatIsNoNumber_Cancelled() =>
        Assert.Equal(StatusCode.Cancelled, (await CallAsync(context => AnswerAsync(context, Good, "fine"))).StatusCode);

    [Fact]
    public async Task Answer_OtherContentType_Cancelled()
    {
        var status = await CallAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<p>");
        });
        Assert.Equal(StatusCode.Cancelled, status.StatusCode);
        Assert.Contains("text/html", status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_OkWithoutMessage_Internal()
    {
        Assert.Equal(StatusCode.Internal, (await CallAsync(context => AnswerAsync(context, [], "0"))).StatusCode);
        var trailersOnly = await CallAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "0";
            return Task.CompletedTask;
        });
        Assert.Equal(StatusCode.Internal, trailersOnly.StatusCode);
    }

    public static TheoryData<string, byte[]> BadBodies => new()
    {
        { "part of a header", [0, 0] },
        { "part of a message", Good[..^1] },
        { "two messages", [.. Good, .. Good] },
        { "bad flag", Frames.Frame([], flag: 7) },
        { "compressed without encoding", Frames.Frame(Frames.Gzip([]), flag: 1) },
        { "garbage", Frames.Frame(Enumerable.Repeat((byte)255, 9).ToArray()) },
    };

    [Theory, MemberData(nameof(BadBodies))]
    public async Task Answer_BadBody_FailsAndChannelStays(string name, byte[] body)
    {
        await using var server = await StartAsync(context => AnswerAsync(context, context.Request.Headers.ContainsKey("x-good") ? Good : body, "0"));
        using var channel = Channels.Open(server.Urls.First());
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.Client().UnaryAsync(new Ask()).ResponseAsync.WaitAsync(Time.Limit));
        Assert.True(error.StatusCode is StatusCode.Internal or StatusCode.Unavailable or StatusCode.Unknown, $"{name}: {error}");
        Assert.Equal("good", (await channel.Client().UnaryAsync(new Ask(), new Metadata { { "x-good", "1" } })).Text);
    }

    [Fact]
    public async Task Answer_LengthBeyondLimit_ResourceExhaustedBeforeTheMessageCame()
    {
        var release = new TaskCompletionSource();
        var status = await CallAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(Frames.Frame([], length: 5 << 20));
            await context.Response.Body.FlushAsync();
            await release.Task.WaitAsync(Time.Limit);
        });
        release.SetResult();
        Assert.Equal(StatusCode.ResourceExhausted, status.StatusCode);
    }

    [Fact]
    public async Task Answer_UnknownEncoding_Unimplemented()
    {
        var status = await CallAsync(context =>
        {
            context.Response.Headers["grpc-encoding"] = "snappy";
            return AnswerAsync(context, Frames.Frame([1], flag: 1), "0");
        });
        Assert.Equal(StatusCode.Unimplemented, status.StatusCode);
    }

    [Theory]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    public async Task Stream_Reset_MappedByItsCode(int code, StatusCode expected)
    {
        var status = await CallAsync(context =>
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(code);
            return Task.CompletedTask;
        });
        Assert.Equal(expected, status.StatusCode);
    }

    [Fact]
    public async Task Connection_LostDuringTheCall_Unavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = Channels.Open($"http://{listener.LocalEndpoint}");
        var call = channel.Client().UnaryAsync(new Ask(), deadline: DateTime.UtcNow + Time.Limit).ResponseAsync;
        using (var connection = await listener.AcceptTcpClientAsync())
        {
            await connection.GetStream().ReadExactlyAsync(new byte[24]); // the HTTP/2 preface
        }

        listener.Stop();
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("a%20b", "a b")]
    public async Task Answer_OddlyEncodedMessage_DecodedAsFarAsPossible(string sent, string expected)
    {
        var status = await CallAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "3";
            context.Response.Headers["grpc-message"] = sent;
            return Task.CompletedTask;
        });
        Assert.Equal((StatusCode.InvalidArgument, expected), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task Request_Headers_AreThoseOfTheProtocol()
    {
        IHeaderDictionary? seen = null;
        var status = await CallAsync(
            context =>
            {
                // Copied, for Kestrel uses its own again.
                seen = new HeaderDictionary(
                    context.Request.Headers.ToDictionary(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase));
                return AnswerAsync(context, Good, "0");
            },
            new CallOptions(new Metadata { { "x-text", "t" }, { "x-bytes-bin", [1, 2] } }, DateTime.UtcNow.AddSeconds(30)));
        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal("application/grpc", seen!.ContentType);
        Assert.Equal("trailers", seen.TE);
        Assert.Contains("gzip", seen["grpc-accept-encoding"].ToString(), StringComparison.Ordinal);
        Assert.StartsWith("grpc-dotnet", seen.UserAgent.ToString(), StringComparison.Ordinal);
        Assert.Equal("t", seen["x-text"]);
        Assert.Equal("AQI", seen["x-bytes-bin"].ToString().TrimEnd('='));
        Assert.Matches("^[0-9]{1,8}[HMSmun]$", seen["grpc-timeout"].ToString());
    }

    private static async Task AnswerAsync(HttpContext context, byte[] body, string? status)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.StartAsync();
        await context.Response.Body.WriteAsync(body);
        if (status is not null)
        {
            context.Response.AppendTrailer("grpc-status", status);
        }
    }

    private static async Task<Status> CallAsync(RequestDelegate answer, CallOptions options = default)
    {
        await using var server = await StartAsync(answer);
        using var channel = Channels.Open(server.Urls.First());
        try
        {
            using var call = channel.Client().UnaryAsync(new Ask(), options);
            await call.ResponseAsync.WaitAsync(Time.Limit);
            return call.GetStatus();
        }
        catch (RpcException error)
        {
            return error.Status;
        }
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
