namespace Pantheon.Scoring.Calibration;

/// <summary>
/// Moments of scores as they come, each weighing half of what it did after a half-life. A request costs one short lock and no memory. Safe
/// for use by many threads.
/// </summary>
/// <param name="halfLife">In seconds.</param>
/// <param name="clock">For the decay.</param>
public sealed class MomentStream(double halfLife, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long _at = clock.GetTimestamp();
    private StreamedMoments _moments;
    private long _taken;

    /// <summary>Requests ever taken in: whether it is worth another look.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>As of now.</summary>
    public StreamedMoments Now
    {
        get
        {
            lock (_lock)
            {
                Age();
                return _moments;
            }
        }
    }

    /// <summary>Takes in the scores of one request; without any it is none.</summary>
    public void Add(ScoreMoments scores)
    {
        if (scores.Count > 0)
        {
            lock (_lock)
            {
                Age();
                _moments += new StreamedMoments(scores, 1);
                _taken++;
            }
        }
    }

    private void Age()
    {
        // Read under the lock: time goes one way.
        var now = clock.GetTimestamp();
        if (now > _at)
        {
            _moments = _moments.Aged((now - _at) / (double)clock.TimestampFrequency, halfLife);
            _at = now;
        }
    }
}
