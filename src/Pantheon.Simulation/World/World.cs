using System.Collections.Concurrent;

namespace Pantheon.Simulation;

/// <summary>
/// A live-streaming audience whose true probabilities are known. Users with tastes that turn and readiness of their own, rooms that open
/// and close, and short videos that compete with them. It is a small part of a platform: counts come of all of its traffic, so they do not
/// depend on what is shown here. Stateless to the caller: the same question has the same answer in any order, from any thread, and a room
/// shown twice at the same place of the same request, by two rankers, comes to the same.
/// </summary>
public sealed class World
{
    private const double UserExposuresPerDay = 20;
    private const double RoomExposuresPerHour = 40;

    // Of the within-user variance: what the match of taste and style makes, and what the room is to everybody.
    private const double Match = 0.8;
    private const double Merit = 0.6;

    private readonly WorldOptions _options;
    private readonly double[] _activity;
    private readonly double _shared;
    private readonly double _own;
    private readonly ConcurrentDictionary<int, OpenRooms> _rooms = new();

    public World(WorldOptions? options = null)
    {
        _options = options ?? new WorldOptions();
        _options.Check();
        (_shared, _own) = (_options.Taste * Math.Sqrt(_options.SharedTaste), _options.Taste * Math.Sqrt(1 - _options.SharedTaste));
        _activity = new double[_options.Users];
        var sum = 0.0;
        for (var user = 0; user < _activity.Length; user++)
        {
            _activity[user] = sum += Math.Exp(new Draw(_options.Seed, Purpose.Activity, user + 1).Normal());
        }
    }

    public WorldOptions Options => _options;

    /// <summary>One visit.</summary>
    /// <param name="day">From 0.</param>
    /// <param name="number">Which of the day; there is no end of them.</param>
    public AudienceRequest Request(int day, int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(day);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var visit = new Draw(_options.Seed, Purpose.Visit, day, number);
        var place = Array.BinarySearch(_activity, visit.Uniform() * _activity[^1]);
        var person = new Person(_options, 1 + (place < 0 ? ~place : place));
        var hour = HourOf(visit.Uniform());
        var exposures = (long)(UserExposuresPerDay * person.Activity * (person.DaysBefore + day));
        var counts = new long[Objectives.Count];
        for (var objective = 0; objective < counts.Length; objective++)
        {
            counts[objective] = (long)(exposures * Sigmoid(Objectives.Middle[objective] + person.Rates[objective]));
        }

        return new AudienceRequest(
            day, number, person.Id, hour, exposures, counts, person.Group, person.PrefersInRoom,
            [.. Retrieve(person, day, number).Select(room => Describe(room, day, hour))]);
    }

    /// <summary>What retrieval hands over: of popular rooms those that the user may like.</summary>
    private IEnumerable<Room> Retrieve(Person person, int day, int number)
    {
        var draw = new Draw(_options.Seed, Purpose.Retrieval, day, number);
        var taste = person.Taste(day);
        var found = RoomsOf(day).Sample(ref draw, 2 * _options.Candidates);
        var keys = new double[found.Length];
        for (var place = 0; place < keys.Length; place++)
        {
            keys[place] = -Dot(taste, found[place].Style) + (1.5 * draw.Normal());
        }

        Array.Sort(keys, found);
        return found.Take(_options.Candidates).OrderBy(room => room.Id);
    }

    /// <summary>The true probability of each objective, should the user scroll so far.</summary>
    /// <param name="candidate">Index into the request's candidates.</param>
    /// <param name="position">Place in the feed, from 0; null: without any position's effect, which is what a ranking model should know.</param>
    /// <param name="probabilities">Takes 7.</param>
    public void Probabilities(AudienceRequest request, int candidate, int? position, Span<double> probabilities)
    {
        ArgumentNullException.ThrowIfNull(request);
        var person = new Person(_options, (int)request.UserId);
        Probabilities(person, person.Taste(request.Day), RoomsOf(request.Day)[request.Candidates[candidate].RoomId], request.Hour, position, probabilities);
    }

    /// <summary>Those of all candidates, without any position's effect: [candidates][7].</summary>
    public double[][] Probabilities(AudienceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var person = new Person(_options, (int)request.UserId);
        var taste = person.Taste(request.Day);
        var probabilities = new double[request.Candidates.Count][];
        for (var candidate = 0; candidate < probabilities.Length; candidate++)
        {
            probabilities[candidate] = new double[Objectives.Count];
            Probabilities(person, taste, RoomsOf(request.Day)[request.Candidates[candidate].RoomId], request.Hour, null, probabilities[candidate]);
        }

        return probabilities;
    }

    /// <summary>Short videos for the same feed.</summary>
    public ShortVideo[] ShortVideos(AudienceRequest request, int count)
    {
        ArgumentNullException.ThrowIfNull(request);
        var draw = new Draw(_options.Seed, Purpose.Video, request.Day, request.Number);
        var videos = new ShortVideo[count];
        for (var place = 0; place < count; place++)
        {
            videos[place] = new ShortVideo(1 + draw.Index(1_000_000), _options.VideoScoreMean + (_options.VideoScoreDeviation * draw.Normal()));
        }

        return videos;
    }

    /// <summary>What the user does with a feed, from its first place until it is left.</summary>
    /// <param name="shown">In order; no room twice.</param>
    /// <returns>An outcome for each place.</returns>
    public Outcome[] Feedback(AudienceRequest request, IReadOnlyList<FeedItem> shown)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(shown);
        var person = new Person(_options, (int)request.UserId);
        var taste = person.Taste(request.Day);
        var scroll = new Draw(_options.Seed, Purpose.Scroll, request.Day, request.Number);
        var outcomes = new Outcome[shown.Count];
        Span<double> probabilities = stackalloc double[Objectives.Count];
        for (var position = 0; position < outcomes.Length; position++)
        {
            var item = shown[position];
            if (item.IsLive)
            {
                var room = RoomsOf(request.Day)[request.Candidates[item.Index].RoomId];
                Probabilities(person, taste, room, request.Hour, position, probabilities);
                outcomes[position] = Watch(person, request, room.Id, probabilities);
            }
            else
            {
                outcomes[position] = new Outcome(true, 0, 15 * new Draw(_options.Seed, Purpose.Outcome, request.Day, request.Number, -1 - item.Index).Exponential(), 0);
            }

            // Whoever found something worth watching scrolls on a little more often.
            if (scroll.Uniform() >= person.Patience + (outcomes[position].Has(Objectives.LongView) ? 0.03 : 0))
            {
                break;
            }
        }

        return outcomes;
    }

    private Outcome Watch(Person person, AudienceRequest request, long room, ReadOnlySpan<double> probabilities)
    {
        // Given the probabilities, outcomes are independent of each other.
        var draw = new Draw(_options.Seed, Purpose.Outcome, request.Day, request.Number, room);
        var labels = 0;
        for (var objective = 0; objective < Objectives.Count; objective++)
        {
            labels |= draw.Uniform() < probabilities[objective] ? 1 << objective : 0;
        }

        var seconds = (labels >> Objectives.LongView & 1) != 0 ? 60.001 + (150 * draw.Exponential()) : 60 * Math.Pow(draw.Uniform(), 2);
        var inRoom = (labels >> Objectives.Click & 1) != 0 ? seconds * (person.PrefersInRoom ? 0.9 : 0.4) : 0;
        return new Outcome(true, labels, seconds, inRoom);
    }

    private void Probabilities(Person person, double[] taste, Room room, int hour, int? position, Span<double> probabilities)
    {
        var shared = _shared * ((Match * Dot(taste, room.Style)) + (Merit * room.Quality));
        var tired = _options.PositionBias * Math.Log2(1 + (position ?? 0));
        var evening = hour is >= 19 and < 24 ? 0.2 : 0;
        for (var objective = 0; objective < Objectives.Count; objective++)
        {
            var own = _own * ((Match * Dot(person.OwnTastes[objective], room.Style)) + (Merit * room.Appeals[objective]));
            probabilities[objective] = Sigmoid(
                Objectives.Middle[objective] + person.Rates[objective] + shared + own - tired + (objective >= Objectives.Like ? evening : 0));
        }
    }

    private static Candidate Describe(Room room, int day, int hour)
    {
        var hours = (24 * (day - room.Opened)) + hour;
        var exposures = (long)(RoomExposuresPerHour * room.Popularity * hours);
        var counts = new long[Objectives.Count];
        for (var objective = 0; objective < counts.Length; objective++)
        {
            var mean = exposures * Sigmoid(Objectives.Middle[objective] + (0.5 * (room.Quality + room.Appeals[objective])));
            counts[objective] = Math.Clamp((long)(mean + (room.Fortunes[objective] * Math.Sqrt(mean))), 0, exposures);
        }

        return new Candidate(room.Id, room.AuthorId, room.AuthorDebut > day - Room.NewAuthorDays, room.Category, hours, exposures, counts);
    }

    private OpenRooms RoomsOf(int day) => _rooms.GetOrAdd(day, static (day, options) => new OpenRooms(options, day), _options);

    // Twice as many visits in the evening as in the morning, few at night.
    private static int HourOf(double share)
    {
        ReadOnlySpan<int> visits = [2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 7, 6, 5, 5, 5, 6, 7, 9, 10, 10, 8, 5];
        var left = share * 119;
        var hour = 0;
        while (left >= visits[hour])
        {
            left -= visits[hour++];
        }

        return hour;
    }

    private static double Dot(double[] left, double[] right)
    {
        var sum = 0.0;
        for (var place = 0; place < left.Length; place++)
        {
            sum += left[place] * right[place];
        }

        return sum;
    }

    private static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));
}
