using System.Collections.Concurrent;
using Pantheon.Scoring.Memory;

namespace Pantheon.Scoring.Requests;

/// <summary>
/// A decoded request: small fields as values, features in pinned memory. Rented from <see cref="RankQueryPool"/>; its
/// owner disposes it once, after the answer no longer needs it.
/// </summary>
public sealed class RankQuery : IDisposable
{
    private readonly RankQueryPool _home;
    private readonly List<FeatureColumn> _columns = [];
    private readonly List<FeatureColumn> _userFeatures = [];
    private readonly List<FeatureColumn> _candidateFeatures = [];
    private int _used;
    private int _rented;

    internal RankQuery(RankQueryPool home)
    {
        _home = home;
        Ids = new PinnedList(home.Memory);
        Overflow = new FeatureColumn(home.Memory);
    }

    // A server may read a message and then drop the call before anybody owns the query, when its client leaves in between.
    // What the collector finds rented gives its memory back, so that the pool's books are right.
    ~RankQuery()
    {
        if (_rented != 0)
        {
            Clear();
        }
    }

    /// <summary>Caller's id for the request.</summary>
    public string RequestId { get; set; } = "";

    /// <summary>Model asked for; empty: the default.</summary>
    public string Model { get; set; } = "";

    /// <summary>Version asked for; 0: the one in service.</summary>
    public long Version { get; set; }

    /// <summary>Routing key of the user.</summary>
    public string UserKey { get; set; } = "";

    /// <summary>Segment for calibration.</summary>
    public string Scenario { get; set; } = "";

    /// <summary>Items to return; 0: the default.</summary>
    public int TopK { get; set; }

    /// <summary>Whether to return Pxtrs.</summary>
    public bool WantPxtrs { get; set; }

    /// <summary>Whether to return raw scores.</summary>
    public bool WantRawScores { get; set; }

    /// <summary>Whether to return every candidate.</summary>
    public bool WantAll { get; set; }

    /// <summary>Milliseconds that a stream's request has; 0: no deadline of its own.</summary>
    public long TimeoutMilliseconds { get; set; }

    /// <summary>Why the message could not be read; null if it could.</summary>
    public RankFault? DecodeFault { get; set; }

    /// <summary>The id that its answer will have; empty where nobody stores answers.</summary>
    public Guid RankingId { get; set; }

    /// <summary>The request as it came, an encoded RankRequest; empty unless somebody is to store it.</summary>
    public ReadOnlyMemory<byte> Payload { get; set; }

    /// <summary>Seconds that decoding took.</summary>
    public double DecodeSeconds { get; set; }

    /// <summary>Candidate ids, 8 bytes each.</summary>
    public PinnedList Ids { get; }

    /// <summary>Where a decoder puts features beyond its limit; never read.</summary>
    public FeatureColumn Overflow { get; }

    /// <summary>Features of the user, in the order in which they came.</summary>
    public IReadOnlyList<FeatureColumn> UserFeatures => _userFeatures;

    /// <summary>Features of the candidates, in the order in which they came.</summary>
    public IReadOnlyList<FeatureColumn> CandidateFeatures => _candidateFeatures;

    /// <summary>The pool that the request's memory comes from.</summary>
    public PinnedPool Memory => _home.Memory;

    /// <summary>Bytes of all feature values.</summary>
    public long FeatureBytes
    {
        get
        {
            var bytes = 0L;
            for (var i = 0; i < _used; i++)
            {
                bytes += _columns[i].ByteCount;
            }

            return bytes;
        }
    }

    /// <summary>Adds an empty feature.</summary>
    public FeatureColumn AddFeature(bool ofUser)
    {
        if (_used == _columns.Count)
        {
            _columns.Add(new FeatureColumn(_home.Memory));
        }

        var column = _columns[_used++];
        (ofUser ? _userFeatures : _candidateFeatures).Add(column);
        return column;
    }

    /// <summary>Gives all memory back. A second call is an error: the query may be somebody else's by then.</summary>
#pragma warning disable CA1816 // It lives on in the pool, where the next request needs the finalizer again.
    public void Dispose()
#pragma warning restore CA1816
    {
        if (Interlocked.Exchange(ref _rented, 0) == 0)
        {
            throw new InvalidOperationException("a query was returned twice");
        }

        Clear();
        _home.Return(this);
    }

    /// <summary>Gives the memory of its contents back and makes it an empty request.</summary>
    public void Clear()
    {
        ReleaseValues();
        RequestId = Model = UserKey = Scenario = "";
        Version = 0;
        TopK = 0;
        TimeoutMilliseconds = 0;
        WantPxtrs = WantRawScores = WantAll = false;
        DecodeFault = null;
        DecodeSeconds = 0;
        RankingId = default;
        Payload = default;
    }

    /// <summary>Gives the memory of features and ids back and keeps the rest.</summary>
    public void ReleaseValues()
    {
        for (var i = 0; i < _used; i++)
        {
            _columns[i].Reset();
        }

        _used = 0;
        _userFeatures.Clear();
        _candidateFeatures.Clear();
        Ids.Reset();
        Overflow.Reset();
    }

    internal void MarkRented() => _rented = 1;
}

/// <summary>Idle <see cref="RankQuery"/> objects.</summary>
/// <param name="memory">Where their features' memory comes from.</param>
public sealed class RankQueryPool(PinnedPool memory)
{
    // More than can be in flight with the default limits; beyond it they go to the collector.
    private const int Retained = 256;

    private readonly ConcurrentQueue<RankQuery> _idle = new();

    /// <summary>The pool that the service's requests share.</summary>
    public static RankQueryPool Shared { get; } = new(PinnedPool.Shared);

    /// <summary>Where features' memory comes from.</summary>
    public PinnedPool Memory => memory;

    /// <summary>An empty request.</summary>
    public RankQuery Rent()
    {
        if (!_idle.TryDequeue(out var query))
        {
            query = new RankQuery(this);
        }

        query.MarkRented();
        return query;
    }

    internal void Return(RankQuery query)
    {
        if (_idle.Count < Retained)
        {
            _idle.Enqueue(query);
        }
    }
}
