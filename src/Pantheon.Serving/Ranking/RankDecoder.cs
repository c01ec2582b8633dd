using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Requests;

namespace Pantheon.Serving.Ranking;

/// <summary>
/// Reads a RankRequest or RankStreamRequest straight from the server's buffers into a pooled <see cref="RankQuery"/>:
/// feature values are copied once, into the memory that the graph will read. It accepts what the generated parser
/// accepts, in any order of fields, and merges what comes twice as it does; the fuzz run holds it to that. What it
/// refuses becomes <see cref="RankQuery.DecodeFault"/>, so that one bad message neither ends a stream nor costs an
/// exception.
/// </summary>
internal ref struct RankDecoder
{
    // Varints of a packed list are decoded into the column this many at a time.
    private const int ChunkOfInt64s = 512;

    private readonly RankQuery _query;
    private readonly EngineOptions _limits;
    private ReadOnlySequence<byte> _payload;
    // Where the request lies in the payload.
    private ReadOnlySequence<byte> _request;
    private WireReader _reader;
    private RankFault? _fault;
    private int _features;
    private long _bytes;
    private bool _isFull;

    private RankDecoder(ReadOnlySequence<byte> payload, RankQuery query)
    {
        _reader = new WireReader(payload);
        _query = query;
        _limits = Limits;
    }

    /// <summary>
    /// Limits on what a message may make us hold, of the whole process: gRPC's marshallers are static. Set once, before the
    /// server listens.
    /// </summary>
    public static EngineOptions Limits { get; set; } = new();

    /// <summary>
    /// Who stores answers: gives each a ranking id, and says whether its request is to be kept as it came. Of the whole process, and set
    /// once, as the limits are. Null: nobody.
    /// </summary>
    public static Action<RankQuery, ReadOnlySequence<byte>>? Keeper { get; set; }

    /// <summary>Decodes a RankRequest.</summary>
    public static RankQuery DecodeRequest(ReadOnlySequence<byte> payload, RankQueryPool pool) => Decode(payload, pool, isStream: false);

    /// <summary>Decodes a RankStreamRequest.</summary>
    public static RankQuery DecodeStreamRequest(ReadOnlySequence<byte> payload, RankQueryPool pool) => Decode(payload, pool, isStream: true);

    private static RankQuery Decode(ReadOnlySequence<byte> payload, RankQueryPool pool, bool isStream)
    {
        var start = Stopwatch.GetTimestamp();
        var query = pool.Rent();
        var decoder = new RankDecoder(payload, query);
        decoder._request = isStream ? default : payload;
        decoder._payload = payload;
        var complete = isStream ? decoder.ReadStreamRequest() : decoder.ReadRequest(depth: 0);
        query.DecodeFault = complete
            ? decoder._fault
            : RankFault.Invalid(
                isStream ? "RankStreamRequest" : "RankRequest",
                $"bytes that are no protobuf message, at byte {decoder._reader.Position.ToString(CultureInfo.InvariantCulture)} of {payload.Length.ToString(CultureInfo.InvariantCulture)}",
                "a message of pantheon/serving/v1/scoring.proto");
        if (query.DecodeFault is not null)
        {
            // An error needs the request's id and nothing else; on a stream it may have to wait for its client.
            query.ReleaseValues();
        }
        else
        {
            Keeper?.Invoke(query, decoder._request);
        }

        query.DecodeSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return query;
    }

    private bool ReadStreamRequest()
    {
        while (!_reader.AtEnd)
        {
            if (!_reader.TryReadTag(out var tag))
            {
                return false;
            }

            var read = tag switch
            {
                (1 << 3) | 2 => ReadNestedRequest(),
                (2 << 3) | 0 => ReadTimeout(),
                _ => _reader.TrySkipField(tag, 0),
            };
            if (!read)
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadNestedRequest()
    {
        if (!_reader.TryReadLength(out var length))
        {
            return false;
        }

        // Of a request that comes in parts, which no generated code sends, the last part is kept.
        _request = _payload.Slice(_reader.Position, length);
        var outer = _reader.Enter(length);
        var read = ReadRequest(depth: 1);
        _reader.Leave(outer);
        return read;
    }

    private bool ReadTimeout()
    {
        var read = _reader.TryReadVarint(out var value);
        _query.TimeoutMilliseconds = (long)value;
        return read;
    }

    private bool ReadRequest(int depth)
    {
        while (!_reader.AtEnd)
        {
            if (!_reader.TryReadTag(out var tag) || !ReadRequestField(tag, depth))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadRequestField(uint tag, int depth)
    {
        string text;
        ulong number;
        bool read;
        switch (tag)
        {
            case (1 << 3) | 2:
                read = ReadText("request_id", out text);
                _query.RequestId = text;
                return read;
            case (2 << 3) | 2:
                read = ReadText("model", out text);
                _query.Model = text;
                return read;
            case (3 << 3) | 0:
                read = _reader.TryReadVarint(out number);
                _query.Version = (long)number;
                return read;
            case (4 << 3) | 2:
                read = ReadText("user_key", out text);
                _query.UserKey = text;
                return read;
            case (5 << 3) | 2:
                read = ReadText("scenario", out text);
                _query.Scenario = text;
                return read;
            case (6 << 3) | 0:
                read = _reader.TryReadVarint(out number);
                _query.TopK = (int)(uint)number;
                return read;
            case (7 << 3) | 2:
                return ReadFeature(ofUser: true, depth + 1);
            case (8 << 3) | 2:
                return ReadFeature(ofUser: false, depth + 1);
            case (9 << 3) | 0:
                return ReadInt64(_query.Ids);
            case (9 << 3) | 2:
                return ReadPackedInt64s(_query.Ids);
            case (10 << 3) | 2:
                return ReadOutputOptions(depth + 1);
            default:
                return _reader.TrySkipField(tag, depth);
        }
    }

    private bool ReadOutputOptions(int depth)
    {
        if (!_reader.TryReadLength(out var length))
        {
            return false;
        }

        var outer = _reader.Enter(length);
        while (!_reader.AtEnd)
        {
            if (!_reader.TryReadTag(out var tag))
            {
                return false;
            }

            ulong number = 0;
            var read = tag is (1 << 3) or (2 << 3) or (3 << 3) ? _reader.TryReadVarint(out number) : _reader.TrySkipField(tag, depth);
            if (!read)
            {
                return false;
            }

            switch (tag)
            {
                case 1 << 3:
                    _query.WantPxtrs = number != 0;
                    break;
                case 2 << 3:
                    _query.WantRawScores = number != 0;
                    break;
                case 3 << 3:
                    _query.WantAll = number != 0;
                    break;
            }
        }

        _reader.Leave(outer);
        return true;
    }

    private bool ReadFeature(bool ofUser, int depth)
    {
        if (!_reader.TryReadLength(out var length))
        {
            return false;
        }

        if (_features++ == _limits.MaxFeatures)
        {
            Refuse(ofUser ? "user_features" : "candidate_features", $"more than {_limits.MaxFeatures} features", $"at most {_limits.MaxFeatures} in a request");
        }

        // Beyond the limit the rest is still read for its form, into a feature that no longer counts.
        var column = _features > _limits.MaxFeatures ? _query.Overflow : _query.AddFeature(ofUser);
        var outer = _reader.Enter(length);
        while (!_reader.AtEnd)
        {
            if (!_reader.TryReadTag(out var tag) || !ReadFeatureField(column, ofUser, tag, depth))
            {
                return false;
            }
        }

        _reader.Leave(outer);
        return true;
    }

    private bool ReadFeatureField(FeatureColumn column, bool ofUser, uint tag, int depth)
    {
        switch (tag)
        {
            case (1 << 3) | 2:
                var read = ReadText(ofUser ? "user_features[].name" : "candidate_features[].name", out var name);
                column.Name = name;
                return read;
            case (2 << 3) | 0:
                read = _reader.TryReadVarint(out var type);
                column.StatedType = (int)(uint)type;
                return read;
            case (3 << 3) | 2:
                column.Data.Clear();
                return _reader.TryReadLength(out var length) && ReadBytes(column.Data, length);
            case (4 << 3) | 5:
                return _reader.Remaining >= sizeof(float) && ReadBytes(column.Floats, sizeof(float));
            case (4 << 3) | 2:
                return _reader.TryReadLength(out length) && length % sizeof(float) == 0 && ReadBytes(column.Floats, length);
            case (5 << 3) | 0:
                return ReadInt64(column.Int64s);
            case (5 << 3) | 2:
                return ReadPackedInt64s(column.Int64s);
            case (6 << 3) | 2:
                return ReadTextValue(column, ofUser);
            default:
                return _reader.TrySkipField(tag, depth);
        }
    }

    private bool ReadBytes(PinnedList list, int length) =>
        Take(length) ? _reader.TryRead(list.Append(length)) : _reader.TrySkip(length);

    private bool ReadInt64(PinnedList list)
    {
        var read = _reader.TryReadVarint(out var value);
        if (read && Take(sizeof(long)))
        {
            BitConverter.TryWriteBytes(list.Append(sizeof(long)), value);
        }

        return read;
    }

    private bool ReadPackedInt64s(PinnedList list)
    {
        if (!_reader.TryReadLength(out var length))
        {
            return false;
        }

        var outer = _reader.Enter(length);
        while (!_reader.AtEnd)
        {
            // A varint has at least one byte, so what is left bounds how many come.
            var chunk = (int)Math.Min(ChunkOfInt64s, _reader.Remaining);
            if (!Take(0))
            {
                // Still read for its form.
                if (!_reader.TryReadVarint(out _))
                {
                    return false;
                }

                continue;
            }

            var room = MemoryMarshal.Cast<byte, ulong>(list.Append(chunk * sizeof(long)));
            var count = 0;
            while (count < room.Length && !_reader.AtEnd)
            {
                if (!_reader.TryReadVarint(out room[count]))
                {
                    return false;
                }

                count++;
            }

            list.Shrink((room.Length - count) * sizeof(long));
            Take(count * sizeof(long));
        }

        _reader.Leave(outer);
        return true;
    }

    private bool ReadTextValue(FeatureColumn column, bool ofUser)
    {
        if (!_reader.TryReadLength(out var length))
        {
            return false;
        }

        // A text costs its bytes and the place of its end.
        if (!Take(length + sizeof(int)))
        {
            return _reader.TrySkip(length);
        }

        var room = column.TextBytes.Append(length);
        var read = _reader.TryRead(room);
        column.EndText();
        if (read && !Utf8.IsValid(room))
        {
            Refuse(ofUser ? "user_features[].strings" : "candidate_features[].strings", "bytes that are not UTF-8", "UTF-8 text");
        }

        return read;
    }

    // Counts bytes of pinned memory, ids included, before they are taken: beyond the limit nothing more is kept. What a later
    // value of the same field replaces still counts.
    private bool Take(int bytes)
    {
        if (_isFull)
        {
            return false;
        }

        _bytes += bytes;
        var limit = _limits.MaxFeatureBytes + ((long)_limits.MaxCandidates * sizeof(long));
        if (_bytes > limit)
        {
            _isFull = true;
            Refuse(
                "user_features, candidate_features and candidate_ids",
                $"more than {limit} bytes of values",
                $"at most {_limits.MaxFeatureBytes} and the ids of {_limits.MaxCandidates} candidates");
        }

        return !_isFull;
    }

    private bool ReadText(string field, out string text)
    {
        text = "";
        if (!_reader.TryReadLength(out var length))
        {
            return false;
        }

        if (length > _limits.MaxTextBytes)
        {
            Refuse(field, $"{length} bytes", $"at most {_limits.MaxTextBytes}");
            return _reader.TrySkip(length);
        }

        Span<byte> bytes = stackalloc byte[length];
        var read = _reader.TryRead(bytes);
        if (!Utf8.IsValid(bytes))
        {
            Refuse(field, "bytes that are not UTF-8", "UTF-8 text");
            return read;
        }

        text = Encoding.UTF8.GetString(bytes);
        return read;
    }

    // The first thing wrong is the one that is told.
    private void Refuse(string field, string got, string expected) => _fault ??= RankFault.Invalid(field, got, expected);
}
