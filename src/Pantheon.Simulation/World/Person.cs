namespace Pantheon.Simulation;

/// <summary>How often a user comes.</summary>
public enum ActivityGroup
{
    Low,
    Middle,
    High,
}

/// <summary>A user: what the platform may know, and what it may not.</summary>
internal sealed class Person
{
    public const int Width = 8;

    // Log-normal activity: the upper fifth and the lower two fifths.
    private const double HighFrom = 0.8416;
    private const double LowTo = -0.2533;
    private const double InRoomShare = 0.4;

    private readonly double[] _taste;
    private readonly double[] _turned;
    private readonly double _drift;

    public Person(WorldOptions options, int id)
    {
        Id = id;
        var activity = new Draw(options.Seed, Purpose.Activity, id).Normal();
        Activity = Math.Exp(activity);
        Group = activity > HighFrom ? ActivityGroup.High : activity < LowTo ? ActivityGroup.Low : ActivityGroup.Middle;
        var draw = new Draw(options.Seed, Purpose.Person, id);
        PrefersInRoom = draw.Uniform() < InRoomShare;
        Patience = Math.Clamp(options.Patience + (0.04 * draw.Normal()), 0.5, 0.97);
        // Whoever acts at all acts more of everything; the rest is each objective's own.
        var ready = draw.Normal();
        Rates = draw.Normals(Objectives.Count);
        for (var objective = 0; objective < Rates.Length; objective++)
        {
            Rates[objective] = options.UserRates * ((0.5 * ready) + (0.866 * Rates[objective]));
        }

        Rates[Objectives.Click] += PrefersInRoom ? 0.6 : -0.4;
        (_taste, _turned) = (draw.Normals(Width), draw.Normals(Width));
        OwnTastes = [.. Enumerable.Range(0, Objectives.Count).Select(_ => draw.Normals(Width))];
        _drift = 2 * options.Drift * draw.Uniform();
        DaysBefore = 1 + draw.Index(60);
    }

    public int Id { get; }

    public double Activity { get; }

    public ActivityGroup Group { get; }

    /// <summary>Enters rooms; the others mostly watch from the feed.</summary>
    public bool PrefersInRoom { get; }

    public double Patience { get; }

    /// <summary>Logits, each objective.</summary>
    public double[] Rates { get; }

    /// <summary>What each objective alone is done for.</summary>
    public double[][] OwnTastes { get; }

    /// <summary>Known to the platform for so long on day 0.</summary>
    public int DaysBefore { get; }

    /// <summary>The taste behind all objectives, as it is on a day: it turns in a plane of its own.</summary>
    public double[] Taste(int day)
    {
        var (sine, cosine) = Math.SinCos(day * _drift);
        var taste = new double[Width];
        for (var place = 0; place < Width; place++)
        {
            taste[place] = (cosine * _taste[place]) + (sine * _turned[place]);
        }

        return taste;
    }
}
