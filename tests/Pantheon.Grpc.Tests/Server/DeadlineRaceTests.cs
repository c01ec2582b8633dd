using System.Buffers.Binary;
using Google.Protobuf;
using Pantheon.Grpc.Tests.Protos;

namespace Pantheon.Grpc.Tests.Server;

/// <summary>Deadlines that fall anywhere in a call: one answer each, well formed, and a server that stays well.</summary>
public sealed class DeadlineRaceTests
{
    // Upstream resets the stream behind its answer, which may take what has not been sent of the answer with it.
    [Fact, Trait("Upstream", "differs")]
    public async Task ServerStream_DeadlineWhileWriting_WholeMessagesThenOneStatus()
    {
        await using var server = await ProbeServer.StartAsync();
        using var http = Frames.Http();
        var ended = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => CallAsync(server, http, "ServerStream", i)));
        Assert.Contains("4", ended);
        Assert.All(ended, status => Assert.Contains(status, new[] { "0", "4" }));
        await StaysWell(server, http);
    }

    [Fact]
    public async Task Unary_DeadlineAboutWhenAnswered_OneStatus()
    {
        await using var server = await ProbeServer.StartAsync();
        using var http = Frames.Http();
        for (var round = 0; round < 10; round++)
        {
            var ended = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => CallAsync(server, http, "Unary", i)));
            Assert.All(ended, status => Assert.Contains(status, new[] { "0", "4" }));
        }

        await StaysWell(server, http);
    }

    private static async Task<string?> CallAsync(ProbeServer server, HttpClient http, string method, int i)
    {
        var ask = new Ask { Act = Act.Echo, Count = 2000, Payload = ByteString.CopyFrom(new byte[1000]) };
        var request = Frames.Request(server.Address, Frames.Frame(ask), $"/pantheon.grpctests.Probe/{method}");
        request.Headers.TryAddWithoutValidation("grpc-timeout", $"{1 + (i % 60)}m");
        using var response = await http.SendAsync(request).WaitAsync(Time.Limit);
        var (body, status, _) = await Frames.ReadAsync(response);
        var at = 0;
        for (var count = 0; at < body.Length; count++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 1));
            var answer = Answer.Parser.ParseFrom(body, at + 5, length);
            Assert.Equal(method == "Unary" ? 2000 : count, answer.Count);
            at += 5 + length;
        }

        Assert.Equal(body.Length, at);
        return status;
    }

    private static async Task StaysWell(ProbeServer server, HttpClient http)
    {
        using var response = await http.SendAsync(Frames.Request(server.Address, Frames.Frame(new Ask { Text = "well" })));
        Assert.Equal(Frames.Frame(new Answer { Text = "well" }), (await Frames.ReadAsync(response)).Body);
    }
}
