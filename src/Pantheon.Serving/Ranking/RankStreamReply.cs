using System.Diagnostics;
using Grpc.Core;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;

namespace Pantheon.Serving.Ranking;

/// <summary>One answer of a stream on its way out; owns the request and the ranking until it is disposed.</summary>
internal sealed class RankStreamReply(RankQuery query, RankOutcome outcome) : IDisposable
{
    private readonly RankReply? _reply = outcome.Result is null ? null : new RankReply(outcome.Result);

    /// <summary>Writes it as a RankStreamResponse.</summary>
    public static void Serialize(RankStreamReply reply, SerializationContext context)
    {
        var body = reply.BodySize();
        var size = WireWriter.FieldSize(reply.RequestId) + WireWriter.LengthFieldSize(body);
        context.SetPayloadLength(size);
        var buffer = context.GetBufferWriter();
        var writer = new WireWriter(buffer.GetSpan(size));
        writer.Field(1, reply.RequestId);
        reply.WriteBody(ref writer, body);
        Debug.Assert(writer.Position == size, "the size that was announced");
        buffer.Advance(size);
        context.Complete();
    }

    public void Dispose()
    {
        outcome.Result?.Dispose();
        query.Dispose();
    }

    private string RequestId => query.RequestId;

    private int BodySize()
    {
        if (_reply is not null)
        {
            return _reply.ComputeSize();
        }

        var fault = outcome.Fault!;
        return WireWriter.FieldSize((long)RankStatus.Of(fault.Kind)) + WireWriter.FieldSize(fault.Message)
            + WireWriter.FieldSize(RankStatus.RetryAfterMilliseconds(fault));
    }

    private void WriteBody(ref WireWriter writer, int size)
    {
        if (_reply is not null)
        {
            writer.LengthField(2, size);
            _reply.Write(ref writer);
            return;
        }

        var fault = outcome.Fault!;
        writer.LengthField(3, size);
        writer.Field(1, (long)RankStatus.Of(fault.Kind));
        writer.Field(2, fault.Message);
        writer.Field(3, RankStatus.RetryAfterMilliseconds(fault));
    }
}
