using System.Threading.Channels;
using Pantheon.Exposures.Rankings;

namespace Pantheon.Exposures.Recording;

/// <summary>Rankings that wait, bounded by number and by bytes. What is taken out counts until it is released: it still takes memory.</summary>
internal sealed class ExposureQueue(int capacity, long capacityBytes)
{
    private readonly Channel<Entry> _channel = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });

    // Those who wait for the batch that is being stored; the reader's alone.
    private readonly List<TaskCompletionSource> _waiting = [];
    private long _count;
    private long _bytes;

    public long Count => Interlocked.Read(ref _count);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Puts one in, or says that there is no room; full is true then, and false where the queue has ended.</summary>
    public bool TryAdd(Ranking ranking, out bool full)
    {
        var size = SizeOf(ranking);
        full = Interlocked.Increment(ref _count) > capacity;
        full |= Interlocked.Add(ref _bytes, size) > capacityBytes;
        if (!full && _channel.Writer.TryWrite(new Entry(ranking, null)))
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -size);
        return false;
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _channel.Reader.WaitToReadAsync(cancellation);

    /// <summary>Fills a batch up with what waits.</summary>
    public void Take(List<Ranking> batch, int most)
    {
        while (batch.Count < most && _channel.Reader.TryRead(out var entry))
        {
            if (entry.Ranking is { } ranking)
            {
                batch.Add(ranking);
            }
            else
            {
                _waiting.Add(entry.Passed!);
            }
        }
    }

    /// <summary>Done when all that was put in before has been released; false where the queue has ended.</summary>
    public bool TryPass(TaskCompletionSource passed) => _channel.Writer.TryWrite(new Entry(null, passed));

    public void Release(List<Ranking> batch)
    {
        var size = 0L;
        foreach (var ranking in batch)
        {
            size += SizeOf(ranking);
        }

        Interlocked.Add(ref _bytes, -size);
        Interlocked.Add(ref _count, -batch.Count);
        _waiting.ForEach(static passed => passed.TrySetResult());
        _waiting.Clear();
    }

    /// <summary>Tells those who wait that what they wait for will not be.</summary>
    public void Abandon()
    {
        while (_channel.Reader.TryRead(out var entry))
        {
            if (entry.Passed is { } passed)
            {
                _waiting.Add(passed);
            }
        }

        _waiting.ForEach(static passed => passed.TrySetException(new ObjectDisposedException(nameof(ExposureLog), "the log has stopped")));
        _waiting.Clear();
    }

    /// <summary>Takes no more.</summary>
    public void End() => _channel.Writer.TryComplete();

    // About what its objects take: the record and its place in the queue, the texts of its own (the model's are shared), its rows of 32 bytes.
    private static long SizeOf(Ranking ranking) =>
        256 + (2L * (ranking.RequestId.Length + ranking.UserKey.Length + ranking.Scenario.Length)) + (32L * ranking.Items.Count) + ranking.Features.Length;

    // A ranking, or somebody who waits for all before.
    private readonly record struct Entry(Ranking? Ranking, TaskCompletionSource? Passed);
}
