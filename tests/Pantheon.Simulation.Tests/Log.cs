using Pantheon.Learning.Metrics;

namespace Pantheon.Simulation.Tests;

/// <summary>A day of a world in which rooms are shown in no order of merit.</summary>
internal sealed class Log
{
    private readonly List<int> _users = [];
    private readonly List<double[]> _truth = [];
    private readonly List<Outcome> _outcomes = [];
    private readonly double[] _expected = new double[Objectives.Names.Count];

    public Log(World world, int day, int requests)
    {
        Span<double> probabilities = stackalloc double[Objectives.Names.Count];
        for (var number = 0; number < requests; number++)
        {
            var request = world.Request(day, number);
            var truth = world.Probabilities(request);
            var outcomes = world.Feedback(request, [.. Enumerable.Range(0, truth.Length).Select(index => new FeedItem(true, index))]);
            for (var position = 0; position < outcomes.Length && outcomes[position].Seen; position++)
            {
                _users.Add((int)request.UserId);
                _truth.Add(truth[position]);
                _outcomes.Add(outcomes[position]);
                world.Probabilities(request, position, position, probabilities);
                for (var objective = 0; objective < _expected.Length; objective++)
                {
                    _expected[objective] += probabilities[objective];
                }
            }
        }

        Truth = [.. Enumerable.Range(0, _expected.Length).Select(objective => _truth.Select(row => (float)row[objective]).ToArray())];
        Labels = ObjectiveLabels.Of(
            UserGroups.Of(_users.ToArray()), [.. Enumerable.Range(0, _expected.Length).Select(objective => _outcomes.Select(outcome => (byte)(outcome.Has(objective) ? 1 : 0)).ToArray())]);
    }

    public int Count => _outcomes.Count;

    public IReadOnlyList<Outcome> Outcomes => _outcomes;

    public float[][] Truth { get; }

    public ObjectiveLabels Labels { get; }

    public double Rate(int objective) => _outcomes.Count(outcome => outcome.Has(objective)) / (double)Count;

    public double Expected(int objective) => _expected[objective] / Count;

    /// <summary>The sum of the true probabilities, each over its rate.</summary>
    public float[] Sum() => [.. _truth.Select(row => (float)row.Select((probability, objective) => probability / Expected(objective)).Sum())];
}
