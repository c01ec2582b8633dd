using System.Buffers;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Requests;
using Pantheon.Serving.Ranking;

namespace Pantheon.Benchmarks;

/// <summary>Reading a request of 300 candidates x 128 features: the generated message against our decoder.</summary>
public class DecoderBenchmarks
{
    private const int Rows = 300;
    private const int Width = 128;

    private readonly RankQueryPool _pool = new(PinnedPool.Shared);
    private ReadOnlySequence<byte> _bytes;

    /// <summary>Whether values come as little-endian bytes or as a packed list.</summary>
    [Params("data", "floats")]
    public string Form { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, Rows * Width).Select(_ => random.NextSingle()).ToArray();
        var feature = new Feature { Name = "dense" };
        if (Form == "data")
        {
            feature.Type = DataType.Float;
            feature.Data = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        }
        else
        {
            feature.Floats.AddRange(values);
        }

        var request = new RankRequest { RequestId = "r", TopK = 10, CandidateFeatures = { feature } };
        request.CandidateIds.AddRange(Enumerable.Range(0, Rows).Select(_ => random.NextInt64(1, 1L << 40)));
        // In Kestrel's pieces of 4 KB.
        _bytes = Pieces(request.ToByteArray(), 4096);
    }

    [Benchmark(Baseline = true)]
    public int GeneratedMessage() => RankRequest.Parser.ParseFrom(_bytes).CandidateFeatures.Count;

    [Benchmark]
    public int PooledDecoder()
    {
        using var query = RankDecoder.DecodeRequest(_bytes, _pool);
        return query.CandidateFeatures.Count;
    }

    private static ReadOnlySequence<byte> Pieces(byte[] bytes, int size)
    {
        Piece? first = null, last = null;
        for (var at = 0; at < bytes.Length; at += size)
        {
            last = new Piece(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)), last);
            first ??= last;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                previous.Next = this;
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
            }
        }
    }
}
