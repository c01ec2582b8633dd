using System.Diagnostics.Metrics;
using Pantheon.Promotion;

namespace Pantheon.Serving.Promotion;

/// <summary>How the promoter beside the service fares; docs/metrics.md lists the instruments.</summary>
internal sealed class PromoterMetrics
{
    public const string MeterName = "Pantheon.Promotion";

    private readonly KeyValuePair<string, object?> _model;
    private readonly Counter<long> _entries;
    private long _through;
    private volatile bool _ended;

    public PromoterMetrics(IMeterFactory meters, string model)
    {
        _model = new("model", model);
        var meter = meters.Create(MeterName);
        _entries = meter.CreateCounter<long>("pantheon.promoter.entries", "{entry}", "Lines of the promoter's journal since the start, by event");
        meter.CreateObservableGauge("pantheon.promoter.running", () => new Measurement<int>(_ended ? 0 : 1, _model), description: "1 while the promoter beside the service works or waits; 0: it ended");
        meter.CreateObservableGauge("pantheon.promoter.learned.through", LearnedThrough, "s", "End of the last window that was learned from, in seconds since 1970");
        foreach (var kind in Enum.GetValues<PromotionEvent>())
        {
            Add(kind, 0);
        }
    }

    public void Wrote(PromotionEntry entry)
    {
        Add(entry.Event, 1);
        if (entry.Through is { } through)
        {
            Volatile.Write(ref _through, through.ToUnixTimeSeconds());
        }
    }

    public void Ended() => _ended = true;

    private void Add(PromotionEvent kind, long count) => _entries.Add(count, _model, new("event", kind.ToString().ToLowerInvariant()));

    // None before the first window since the start: 1970 would look like a promoter that is stuck.
    private IEnumerable<Measurement<long>> LearnedThrough() => Volatile.Read(ref _through) is > 0 and var through ? [new Measurement<long>(through, _model)] : [];
}
