using System.Diagnostics;
using Grpc.Core;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.TopK;

namespace Pantheon.Serving.Ranking;

/// <summary>
/// A ranking on its way out. It is written as a RankResponse straight from the graph's output memory, so nothing is
/// allocated per item.
/// </summary>
/// <param name="result">The ranking, owned by the call.</param>
internal sealed class RankReply(RankResult result)
{
    private const int TimingsSize = 4 * (1 + sizeof(double));

    // Score and, if wanted, raw score: tag and 4 bytes each.
    private const int FloatFieldSize = 1 + sizeof(float);

    private readonly RankQuery _query = result.Query;
    private readonly Pantheon.Bundles.Manifest _manifest = result.Model.Bundle.Manifest;
    private readonly string _rankingId = result.RankingId == default ? "" : result.RankingId.ToString();
    private readonly int _pxtrs = result.Query.WantPxtrs ? result.Model.Bundle.Manifest.Objectives.Count : 0;

    /// <summary>Writes the message.</summary>
    public static void Serialize(RankReply reply, SerializationContext context)
    {
        var size = reply.ComputeSize();
        context.SetPayloadLength(size);
        var buffer = context.GetBufferWriter();
        var writer = new WireWriter(buffer.GetSpan(size));
        reply.Write(ref writer);
        Debug.Assert(writer.Position == size, "the size that was announced");
        buffer.Advance(size);
        context.Complete();
    }

    /// <summary>Bytes of the message.</summary>
    public int ComputeSize()
    {
        var size = WireWriter.FieldSize(_query.RequestId) + WireWriter.FieldSize(_manifest.Model) + WireWriter.FieldSize(_manifest.Version)
            + WireWriter.FieldSize(result.Model.Bundle.Digest) + WireWriter.FieldSize((long)result.Arm)
            + WireWriter.FieldSize(result.Calibrator is null ? 0 : 1) + WireWriter.FieldSize(result.Candidates)
            + WireWriter.LengthFieldSize(TimingsSize) + WireWriter.FieldSize(_rankingId) + WireWriter.FieldSize(result.Explored ? 1 : 0);
        for (var i = 0; i < _pxtrs; i++)
        {
            size += WireWriter.LengthFieldSize(System.Text.Encoding.UTF8.GetByteCount(_manifest.Objectives[i]));
        }

        if (result.Dropped.Count > 0)
        {
            size += WireWriter.LengthFieldSize(DroppedSize());
        }

        var ids = _query.Ids.Span<long>();
        foreach (var key in result.Keys)
        {
            size += WireWriter.LengthFieldSize(ItemSize(ids, TopKSelector.Position(key)));
        }

        return size;
    }

    /// <summary>Writes exactly <see cref="ComputeSize"/> bytes.</summary>
    public void Write(ref WireWriter writer)
    {
        writer.Field(1, _query.RequestId);
        writer.Field(2, _manifest.Model);
        writer.Field(3, _manifest.Version);
        writer.Field(4, result.Model.Bundle.Digest);
        writer.Field(5, (long)result.Arm);
        WriteItems(ref writer);
        for (var i = 0; i < _pxtrs; i++)
        {
            writer.Field(7, _manifest.Objectives[i]);
        }

        writer.Field(8, result.Calibrator is null ? 0L : 1L);
        writer.Field(9, (long)result.Candidates);
        if (result.Dropped.Count > 0)
        {
            writer.LengthField(10, DroppedSize());
            foreach (var position in result.Dropped)
            {
                writer.Varint((ulong)position);
            }
        }

        var seconds = result.Seconds;
        writer.LengthField(11, TimingsSize);
        writer.Field(1, seconds.Prepare);
        writer.Field(2, seconds.Queue);
        writer.Field(3, seconds.Run);
        writer.Field(4, seconds.Rank);
        writer.Field(12, _rankingId);
        writer.Field(13, result.Explored ? 1L : 0L);
    }

    private void WriteItems(ref WireWriter writer)
    {
        var ids = _query.Ids.Span<long>();
        var calibrator = result.Calibrator;
        foreach (var key in result.Keys)
        {
            var position = TopKSelector.Position(key);
            var score = result.Scores[position];
            writer.LengthField(6, ItemSize(ids, position));
            writer.Field(1, ids.IsEmpty ? 0 : ids[position]);
            writer.Field(2, (long)position);
            writer.Field(3, calibrator is null ? score : calibrator.Apply(score));
            if (_query.WantRawScores)
            {
                writer.Field(4, score);
            }

            if (_pxtrs > 0)
            {
                WritePxtrs(ref writer, position);
            }
        }
    }

    private void WritePxtrs(ref WireWriter writer, int position)
    {
        writer.LengthField(5, _pxtrs * sizeof(float));
        for (var output = 0; output < result.PxtrOutputs; output++)
        {
            var pxtrs = result.Pxtrs(output, out var columns);
            foreach (var pxtr in pxtrs.Slice(position * columns, columns))
            {
                writer.Float(pxtr);
            }
        }
    }

    private int ItemSize(ReadOnlySpan<long> ids, int position) =>
        WireWriter.FieldSize(ids.IsEmpty ? 0 : ids[position]) + WireWriter.FieldSize(position) + FloatFieldSize
        + (_query.WantRawScores ? FloatFieldSize : 0)
        + (_pxtrs > 0 ? WireWriter.LengthFieldSize(_pxtrs * sizeof(float)) : 0);

    private int DroppedSize()
    {
        var size = 0;
        foreach (var position in result.Dropped)
        {
            size += WireWriter.VarintSize((ulong)position);
        }

        return size;
    }
}
