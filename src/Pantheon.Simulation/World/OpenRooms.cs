namespace Pantheon.Simulation;

/// <summary>The rooms of one day, to be drawn by their popularity. Immutable.</summary>
internal sealed class OpenRooms
{
    private readonly Room[] _rooms;
    private readonly double[] _popularity;
    private readonly Dictionary<long, Room> _byId;

    public OpenRooms(WorldOptions options, int day)
    {
        _rooms = [.. Enumerable.Range(day - options.LongestRoom + 1, options.LongestRoom)
            .SelectMany(opened => Enumerable.Range(0, options.RoomsPerDay).Select(number => new Room(options, opened, number))).Where(room => room.IsOpen(day))];
        _byId = _rooms.ToDictionary(room => room.Id);
        _popularity = new double[_rooms.Length];
        var sum = 0.0;
        for (var place = 0; place < _rooms.Length; place++)
        {
            _popularity[place] = sum += _rooms[place].Popularity;
        }
    }

    public Room this[long id] => _byId[id];

    /// <summary>Different rooms, the popular ones more often.</summary>
    public Room[] Sample(ref Draw draw, int count)
    {
        var places = new HashSet<int>(count);
        while (places.Count < count)
        {
            var place = Array.BinarySearch(_popularity, draw.Uniform() * _popularity[^1]);
            places.Add(place < 0 ? ~place : place);
        }

        // In the order of their ids: a set's own order is nobody's promise.
        return [.. places.Order().Select(place => _rooms[place])];
    }
}
