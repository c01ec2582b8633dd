using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Pantheon.Grpc.Tests.Protos;

namespace Pantheon.Grpc.Tests;

/// <summary>What servers have to say after the call that it is about has gone.</summary>
public sealed class Journal
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _pages = new();

    public void Write(string page, string text) => Page(page).TrySetResult(text);

    public Task<string> ReadAsync(string page) => Page(page).Task.WaitAsync(Time.Limit);

    private TaskCompletionSource<string> Page(string page) =>
        _pages.GetOrAdd(page, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>What probe.proto says.</summary>
public sealed class ProbeService(Journal journal) : Probe.ProbeBase
{
    public override async Task<Answer> Unary(Ask request, ServerCallContext context)
    {
        var answer = await DoAsync(request, context);
        if (request.Act == Act.Metadata)
        {
            await context.WriteResponseHeadersAsync(Echo(context, "x-echo", "x-echo-bin"));
            foreach (var entry in Echo(context, "x-trailer", "x-trailer-bin"))
            {
                context.ResponseTrailers.Add(entry);
            }
        }

        return answer;
    }

    public override async Task ServerStream(Ask request, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Count; i++)
        {
            await responseStream.WriteAsync(new Answer { Count = i, Payload = request.Payload });
        }

        if (request.Act is Act.Fail or Act.Throw or Act.Wait)
        {
            await DoAsync(request, context);
        }
    }

    public override async Task Duplex(
        IAsyncStreamReader<Ask> requestStream, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
    {
        await foreach (var ask in requestStream.ReadAllAsync())
        {
            await responseStream.WriteAsync(await DoAsync(ask, context));
        }
    }

    private async Task<Answer> DoAsync(Ask ask, ServerCallContext context)
    {
        switch (ask.Act)
        {
            case Act.Fail:
                throw new RpcException(new Status((StatusCode)ask.Code, ask.Text), new Metadata { { "x-why", "because" } });
            case Act.Throw:
                throw new ArithmeticException(ask.Text);
            case Act.Wait:
                try
                {
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                }
                finally
                {
                    journal.Write(ask.Text, "cancelled");
                }

                break;
            case Act.Size:
                return new Answer { Count = ask.Payload.Length, Payload = ByteString.CopyFrom(new byte[ask.Count]) };
            case Act.Tell:
                return new Answer { Text = await journal.ReadAsync(ask.Text) };
            case Act.Deadline:
                return new Answer
                {
                    Count = context.Deadline == DateTime.MaxValue ? -1 : (int)(context.Deadline - DateTime.UtcNow).TotalMilliseconds,
                };
        }

        return new Answer { Text = ask.Text, Payload = ask.Payload, Count = ask.Count };
    }

    private static Metadata Echo(ServerCallContext context, string text, string binary)
    {
        var echo = new Metadata();
        foreach (var entry in context.RequestHeaders.GetAll("x-echo"))
        {
            echo.Add(text, entry.Value);
        }

        foreach (var entry in context.RequestHeaders.GetAll("x-echo-bin"))
        {
            echo.Add(binary, entry.ValueBytes);
        }

        return echo;
    }
}
