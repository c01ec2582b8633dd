using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Pantheon.Contracts.V1;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Requests;
using Pantheon.Serving.Ranking;

namespace Pantheon.Serving.Tests.Ranking;

/// <summary>
/// The decoder against the generated parser, on whole and broken messages: both refuse, or both read the same. What
/// ours refuses beyond that (long texts, bytes that are not UTF-8, too many features) must really be so.
/// <c>PANTHEON_FUZZ</c> sets the number of messages (default 100,000), <c>PANTHEON_FUZZ_SEED</c> the first seed.
/// </summary>
public sealed class RankDecoderFuzzTests
{
    private static readonly int Count = Setting("PANTHEON_FUZZ", 100_000);
    private static readonly int FirstSeed = Setting("PANTHEON_FUZZ_SEED", 1);

    [Fact]
    public void DecodeRequest_MutatedMessages_AgreesWithGeneratedParser() => Run((mutator, pool, random) =>
    {
        var bytes = mutator.Mutate(mutator.Request());
        RankRequest? oracle = Parse(RankRequest.Parser, bytes);
        using var query = RankDecoder.DecodeRequest(Split(bytes, random), pool);
        Compare(oracle, query, bytes, isStream: false);
    });

    [Fact]
    public void DecodeStreamRequest_MutatedMessages_AgreesWithGeneratedParser() => Run((mutator, pool, random) =>
    {
        var bytes = mutator.Mutate(mutator.StreamRequest());
        var oracle = Parse(RankStreamRequest.Parser, bytes);
        using var query = RankDecoder.DecodeStreamRequest(Split(bytes, random), pool);
        Compare(oracle is null ? null : oracle.Request ?? new RankRequest(), query, bytes, isStream: true);
        if (oracle is not null && query.DecodeFault is null)
        {
            Assert.Equal(oracle.TimeoutMs, query.TimeoutMilliseconds);
        }
    });

    private static void Run(Action<RequestMutator, RankQueryPool, Random> one)
    {
        var memory = new PinnedPool();
        var pool = new RankQueryPool(memory);
        var accepted = 0;
        for (var i = 0; i < Count / 2; i++)
        {
            var seed = FirstSeed + i;
            try
            {
                one(new RequestMutator(seed), pool, new Random(seed));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }

            accepted++;
        }

        Assert.Equal(Count / 2, accepted);
        Assert.Equal(0, memory.OutstandingBytes);
    }

    private static T? Parse<T>(MessageParser<T> parser, byte[] bytes)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    // Kestrel hands bytes over in pieces that know nothing of fields.
    private static ReadOnlySequence<byte> Split(byte[] bytes, Random random)
    {
        Segment? first = null, last = null;
        for (var at = 0; at < bytes.Length;)
        {
            var length = random.Next(3) == 0 ? bytes.Length - at : Math.Min(bytes.Length - at, random.Next(1, 40));
            var segment = new Segment(bytes.AsMemory(at, length), last);
            first ??= segment;
            last = segment;
            at += length;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private static void Compare(RankRequest? oracle, RankQuery query, byte[] bytes, bool isStream)
    {
        if (oracle is null)
        {
            Assert.True(query.DecodeFault is not null, $"the generated parser refuses {Convert.ToHexString(bytes)}");
            return;
        }

        if (query.DecodeFault is { } fault)
        {
            List<(ByteString Bytes, bool IsValue)> texts;
            try
            {
                texts = [.. Texts(bytes, isStream)];
            }
            catch (InvalidProtocolBufferException)
            {
                // The generated parser takes a packed list of negative length for an empty one. The library's own
                // reader refuses it, as ours does.
                return;
            }

            Assert.True(
                (fault.Message.EndsWith("at most 128", StringComparison.Ordinal) && texts.Any(text => !text.IsValue && text.Bytes.Length > RankDecoder.Limits.MaxTextBytes))
                || (fault.Message.EndsWith("UTF-8 text", StringComparison.Ordinal) && texts.Any(text => !Utf8.IsValid(text.Bytes.Span)))
                || (fault.Message.EndsWith("in a request", StringComparison.Ordinal) && oracle.UserFeatures.Count + oracle.CandidateFeatures.Count > RankDecoder.Limits.MaxFeatures),
                $"{fault.Message}, but the generated parser reads {Convert.ToHexString(bytes)}");
            return;
        }

        Assert.Equal(oracle.RequestId, query.RequestId);
        Assert.Equal(oracle.Model, query.Model);
        Assert.Equal(oracle.Version, query.Version);
        Assert.Equal(oracle.UserKey, query.UserKey);
        Assert.Equal(oracle.Scenario, query.Scenario);
        Assert.Equal(oracle.TopK, query.TopK);
        Assert.Equal(oracle.Output?.Pxtrs ?? false, query.WantPxtrs);
        Assert.Equal(oracle.Output?.RawScores ?? false, query.WantRawScores);
        Assert.Equal(oracle.Output?.All ?? false, query.WantAll);
        Assert.Equal(oracle.CandidateIds.ToArray(), query.Ids.Span<long>().ToArray());
        Compare(oracle.UserFeatures, query.UserFeatures);
        Compare(oracle.CandidateFeatures, query.CandidateFeatures);
    }

    private static void Compare(RepeatedField<Feature> oracle, IReadOnlyList<FeatureColumn> columns)
    {
        Assert.Equal(oracle.Count, columns.Count);
        for (var i = 0; i < columns.Count; i++)
        {
            var (expected, column) = (oracle[i], columns[i]);
            Assert.Equal(expected.Name, column.Name);
            Assert.Equal((int)expected.Type, column.StatedType);
            Assert.True(expected.Data.Span.SequenceEqual(column.Data.Span<byte>()));
            Assert.True(MemoryMarshal.AsBytes(expected.Floats.ToArray().AsSpan()).SequenceEqual(column.Floats.Span<byte>()));
            Assert.Equal(expected.Int64S.ToArray(), column.Int64s.Span<long>().ToArray());
            Assert.Equal(expected.Strings.Count, column.TextCount);
            for (var text = 0; text < column.TextCount; text++)
            {
                Assert.Equal(expected.Strings[text], Encoding.UTF8.GetString(column.Text(text)));
            }
        }
    }

    // Every text on the wire, those that a later one overwrote included, read by the library's own reader.
    private static IEnumerable<(ByteString Bytes, bool IsValue)> Texts(byte[] bytes, bool isStream)
    {
        // The limit of nesting is judged by the parsers, not here.
        var input = CodedInputStream.CreateWithLimits(new MemoryStream(bytes), int.MaxValue, 10_000);
        while (input.ReadTag() is > 0 and var tag)
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
                continue;
            }

            var value = input.ReadBytes();
            var inner = isStream ? (field == 1 ? Texts(value.ToByteArray(), isStream: false) : [])
                : field is 7 or 8 ? FeatureTexts(value.ToByteArray())
                : field is 1 or 2 or 4 or 5 ? [(value, false)] : [];
            foreach (var text in inner)
            {
                yield return text;
            }
        }
    }

    private static IEnumerable<(ByteString Bytes, bool IsValue)> FeatureTexts(byte[] bytes)
    {
        // The limit of nesting is judged by the parsers, not here.
        var input = CodedInputStream.CreateWithLimits(new MemoryStream(bytes), int.MaxValue, 10_000);
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                var value = input.ReadBytes();
                var field = WireFormat.GetTagFieldNumber(tag);
                if (field is 1 or 6)
                {
                    yield return (value, field == 6);
                }
            }
            else
            {
                input.SkipLastField();
            }
        }
    }

    private static int Setting(string name, int fallback) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : fallback;

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
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
