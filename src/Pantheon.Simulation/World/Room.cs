namespace Pantheon.Simulation;

/// <summary>A live stream.</summary>
internal sealed class Room
{
    // An author who debuted within so many days is new.
    public const int NewAuthorDays = 7;

    private const long NewAuthorsFrom = 1_000_000;

    public Room(WorldOptions options, int opened, int number)
    {
        var since = opened + options.LongestRoom;
        Id = 1 + ((long)since * options.RoomsPerDay) + number;
        Opened = opened;
        var draw = new Draw(options.Seed, Purpose.Room, Id);
        Days = 1 + draw.Index(options.LongestRoom);
        var isNew = draw.Uniform() < options.NewAuthorShare;
        // Some authors stream far more often than others.
        AuthorId = isNew ? NewAuthorsFrom + Id : 1 + (long)(options.Authors * Math.Pow(draw.Uniform(), 2));
        AuthorDebut = isNew ? opened : int.MinValue;
        var author = new Draw(options.Seed, Purpose.Author, AuthorId);
        Category = author.Index(options.Categories);
        var (authorQuality, fame) = (author.Normal(), author.Normal());
        Quality = (0.8 * authorQuality) + (0.6 * draw.Normal());
        Popularity = Math.Exp((isNew ? -1 : 0) + (0.7 * fame) + (0.5 * Quality));
        Style = Unit(
            new Draw(options.Seed, Purpose.Category, Category).Normals(Person.Width), author.Normals(Person.Width), draw.Normals(Person.Width));
        Appeals = draw.Normals(Objectives.Count);
        Fortunes = draw.Normals(Objectives.Count);
    }

    public long Id { get; }

    public long AuthorId { get; }

    public int AuthorDebut { get; }

    public int Category { get; }

    /// <summary>First day.</summary>
    public int Opened { get; }

    /// <summary>How many days it is open.</summary>
    public int Days { get; }

    public double Quality { get; }

    /// <summary>How much of the platform's traffic it draws.</summary>
    public double Popularity { get; }

    /// <summary>Of length 1.</summary>
    public double[] Style { get; }

    /// <summary>What it invites to, each objective.</summary>
    public double[] Appeals { get; }

    /// <summary>Luck in its counts.</summary>
    public double[] Fortunes { get; }

    public bool IsOpen(int day) => day >= Opened && day < Opened + Days;

    private static double[] Unit(double[] category, double[] author, double[] own)
    {
        var style = new double[category.Length];
        for (var place = 0; place < style.Length; place++)
        {
            style[place] = category[place] + (0.7 * author[place]) + (0.7 * own[place]);
        }

        var length = Math.Sqrt(style.Sum(part => part * part));
        return [.. style.Select(part => part / length)];
    }
}
