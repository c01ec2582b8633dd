using Google.Protobuf;
using Pantheon.Contracts.V1;

namespace Pantheon.Serving.Tests.Ranking;

/// <summary>Makes RankStreamRequests of every shape, and breaks their bytes. The same seed gives the same bytes.</summary>
internal sealed class RequestMutator(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>An encoded RankRequest, mostly valid, sometimes with unknown fields and fields that come twice.</summary>
    public byte[] Request()
    {
        var request = new RankRequest
        {
            RequestId = Text(),
            Model = _random.Next(4) == 0 ? Text() : "",
            Version = _random.Next(4) == 0 ? Number() : 0,
            UserKey = Text(),
            Scenario = Text(),
            TopK = (int)Number(),
        };
        request.UserFeatures.AddRange(Enumerable.Range(0, _random.Next(4)).Select(_ => Feature(1)));
        var rows = _random.Next(1, 20);
        request.CandidateFeatures.AddRange(Enumerable.Range(0, _random.Next(4)).Select(_ => Feature(rows)));
        if (_random.Next(2) == 0)
        {
            request.CandidateIds.AddRange(Enumerable.Range(0, rows).Select(_ => Number()));
        }

        if (_random.Next(2) == 0)
        {
            request.Output = new OutputOptions { All = Flip(), Pxtrs = Flip(), RawScores = Flip() };
        }

        var bytes = request.ToByteArray();
        // Protobuf merges what is concatenated: features add up, scalars are overwritten, options merge.
        return _random.Next(8) == 0 ? [.. bytes, .. Request()] : _random.Next(8) == 0 ? [.. bytes, .. Unknown()] : bytes;
    }

    /// <summary>The request in its stream's envelope.</summary>
    public byte[] StreamRequest()
    {
        var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        for (var i = _random.Next(6) == 0 ? 2 : 1; i > 0; i--)
        {
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Request()));
        }

        output.WriteTag(2, WireFormat.WireType.Varint);
        output.WriteInt64(Number());
        output.Flush();
        return stream.ToArray();
    }

    /// <summary>Breaks bytes in one to four places, or not at all.</summary>
    public byte[] Mutate(byte[] bytes)
    {
        var mutated = bytes.ToList();
        for (var i = _random.Next(5); i > 0 && mutated.Count > 0; i--)
        {
            var at = _random.Next(mutated.Count);
            switch (_random.Next(8))
            {
                case 0:
                    mutated[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1:
                    mutated[at] = (byte)_random.Next(256);
                    break;
                case 2:
                    mutated.Insert(at, (byte)_random.Next(256));
                    break;
                case 3:
                    mutated.RemoveAt(at);
                    break;
                case 4:
                    mutated.RemoveRange(at, mutated.Count - at);
                    break;
                case 5:
                    var length = _random.Next(mutated.Count - at + 1);
                    mutated.InsertRange(_random.Next(mutated.Count), mutated.GetRange(at, length));
                    break;
                case 6:
                    mutated.InsertRange(at, Unknown());
                    break;
                default:
                    // A varint that is longer than it need be.
                    mutated[at] |= 0x80;
                    mutated.Insert(at + 1, (byte)(_random.Next(3) == 0 ? 0x80 : 0));
                    break;
            }
        }

        return [.. mutated];
    }

    private Feature Feature(int rows)
    {
        var feature = new Feature { Name = _random.Next(3) == 0 ? Text() : _random.Next(2) == 0 ? "item_id" : "item_dense", Type = (DataType)_random.Next(5) };
        switch (_random.Next(6))
        {
            case 0:
                feature.Floats.AddRange(Enumerable.Range(0, rows).Select(_ => _random.NextSingle()));
                break;
            case 1:
                feature.Int64S.AddRange(Enumerable.Range(0, rows).Select(_ => Number()));
                break;
            case 2:
                feature.Strings.AddRange(Enumerable.Range(0, rows).Select(_ => Text()));
                break;
            case 3:
                feature.Floats.Add(1);
                feature.Int64S.Add(1);
                break;
            default:
                var data = new byte[rows * 8];
                _random.NextBytes(data);
                feature.Data = ByteString.CopyFrom(data);
                break;
        }

        return feature;
    }

    private byte[] Unknown()
    {
        var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        var field = _random.Next(1, 40);
        switch (_random.Next(5))
        {
            case 0:
                output.WriteTag(field, WireFormat.WireType.Varint);
                output.WriteUInt64((ulong)Number());
                break;
            case 1:
                output.WriteTag(field, WireFormat.WireType.Fixed32);
                output.WriteFixed32(7);
                break;
            case 2:
                output.WriteTag(field, WireFormat.WireType.Fixed64);
                output.WriteFixed64(7);
                break;
            case 3:
                output.WriteTag(field, WireFormat.WireType.LengthDelimited);
                output.WriteString(Text());
                break;
            default:
                var depth = _random.Next(4) == 0 ? _random.Next(95, 104) : _random.Next(1, 5);
                for (var i = 0; i < depth; i++)
                {
                    output.WriteTag(field, WireFormat.WireType.StartGroup);
                }

                output.WriteTag(3, WireFormat.WireType.Varint);
                output.WriteUInt64(1);
                for (var i = 0; i < depth; i++)
                {
                    output.WriteTag(field, WireFormat.WireType.EndGroup);
                }

                break;
        }

        output.Flush();
        return stream.ToArray();
    }

    private bool Flip() => _random.Next(2) == 0;

    private long Number() => _random.Next(4) switch
    {
        0 => _random.NextInt64(long.MinValue, long.MaxValue),
        1 => -_random.Next(3),
        _ => _random.Next(300),
    };

    private string Text() => _random.Next(5) switch
    {
        0 => "",
        1 => "快手 ë",
        2 => new string('x', _random.Next(120, 140)),
        _ => "r" + _random.Next(1000),
    };
}
