using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Pantheon.Serving.Tests.Lifecycle;

public sealed class LingeringCloseTests
{
    // As Kestrel's HTTP/2 does when it reads the end of the connection.
    [Fact]
    public async Task Wrap_EndWasReadAndLeftOpen_ReturnsAtOnce()
    {
        var (input, output) = (new Pipe(), new Pipe());
        await input.Writer.CompleteAsync();
        var connection = new DefaultConnectionContext("c", new Transport(input.Reader, output.Writer), new Transport(output.Reader, input.Writer));

        await LingeringClose.Wrap(async context => Assert.True((await context.Transport.Input.ReadAsync()).IsCompleted))(connection);

        Assert.IsType<Transport>(connection.Transport);
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
