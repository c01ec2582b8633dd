using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Pantheon.Serving;

/// <summary>
/// Keeps a connection's socket open after Kestrel has said its last GOAWAY on it, until the client closes its side or the
/// patience ends, and reads past what still comes. A client may be sending its next request while the GOAWAY is on its way; a
/// socket closed at once answers that with a reset, which throws the GOAWAY away unread and makes the call a failed one
/// (UNAVAILABLE, "Broken pipe"). Reading the GOAWAY instead, the client knows that the request was never looked at and sends it
/// elsewhere by itself (RFC 9113 section 6.8).
/// </summary>
internal static class LingeringClose
{
    // A client closes as soon as it has read the GOAWAY and its calls are over; this is for one that is gone or does not care.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static ConnectionDelegate Wrap(ConnectionDelegate next) => async connection =>
    {
        var transport = connection.Transport;
        connection.Transport = new OpenEnded(transport);
        try
        {
            await next(connection);
            await DiscardAsync(transport.Input, connection.ConnectionClosed);
        }
        finally
        {
            connection.Transport = transport;
        }
    };

    private static async Task DiscardAsync(PipeReader input, CancellationToken closed)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(closed);
        over.CancelAfter(Patience);
        try
        {
            ReadResult result;
            do
            {
                result = await input.ReadAsync(over.Token);
                input.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted);
        }
        catch (OperationCanceledException)
        {
            // The patience ended, or the connection is gone.
        }
        catch (IOException)
        {
            // The client reset it, which is its way to close.
        }
        catch (InvalidOperationException)
        {
            // Kestrel left its last reading open: of the end, as the client closed first, or of what ended the connection. Nothing more can be read.
        }
    }

    // Kestrel completes both ends when it is done with them, and the transport takes that for "close the socket".
    private sealed class OpenEnded(IDuplexPipe transport) : IDuplexPipe
    {
        public PipeReader Input { get; } = new Reader(transport.Input);

        public PipeWriter Output { get; } = new Writer(transport.Output);
    }

    private sealed class Reader(PipeReader inner) : PipeReader
    {
        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => inner.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();
    }

    private sealed class Writer(PipeWriter inner) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Complete(Exception? exception = null)
        {
        }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => inner.WriteAsync(source, cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();
    }
}
