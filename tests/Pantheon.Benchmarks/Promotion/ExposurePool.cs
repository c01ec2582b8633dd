using Pantheon.Learning.Metrics;
using Pantheon.Simulation;

namespace Pantheon.Benchmarks.Promotion;

/// <summary>
/// Exposures of the frozen world with the chances of all that could come of them, grouped by user: windows draw users of it, and outcomes
/// anew. What a ranking model says of them is the truth with an error.
/// </summary>
internal sealed class ExposurePool
{
    private const int Days = 14;
    private const int Slots = 15;

    // Logits: what a trained ranking model is wrong by, half of it about everything alike.
    private const double ModelError = 1.0;

    public const int M = 7;

    private ExposurePool(int[] offsets, int[] rooms, float[][] chances, float[][] logits, float[][] pxtrs)
    {
        (Offsets, Rooms, Chances, Logits) = (offsets, rooms, chances, logits);
        Rates = [.. pxtrs.Select(column => (double)column.Average())];
        Pxtrs = pxtrs;
        Sum = Fused([.. Enumerable.Repeat(1.0 / M, M)]);
    }

    /// <summary>Where each user's exposures begin, and the end of the last's.</summary>
    public int[] Offsets { get; }

    public int Rows => Offsets[^1];

    public int Users => Offsets.Length - 1;

    public int[] Rooms { get; }

    /// <summary>True probabilities where the exposure was in its feed: [M][rows].</summary>
    public float[][] Chances { get; }

    /// <summary>Logits of the truth without any position's effect.</summary>
    public float[][] Logits { get; }

    /// <summary>What the ranking model says.</summary>
    public float[][] Pxtrs { get; }

    public double[] Rates { get; }

    /// <summary>The log of the Pxtrs' sum, each over its mean.</summary>
    public float[] Sum { get; }

    public static ExposurePool Of(World world, int requests)
    {
        var rows = new List<(long User, int Room, float[] Chances, float[] Logits, float[] Pxtrs)>();
        var random = new Random(1);
        var chances = new double[M];
        for (var request = 0; request < requests; request++)
        {
            var visit = world.Request(request % Days, request / Days);
            var truth = world.Probabilities(visit);
            // What was shown was chosen by an older model, not by the one that is judged.
            var (now, older) = (truth.Select(row => Predict(row, random)).ToArray(), truth.Select(row => Predict(row, random)).ToArray());
            var order = Enumerable.Range(0, truth.Length).OrderByDescending(index => older[index].Select((pxtr, objective) => pxtr * Math.Pow(8, objective / 3.0)).Sum()).Take(Slots);
            FeedItem[] feed = [.. order.Select(index => new FeedItem(true, index))];
            var outcomes = world.Feedback(visit, feed);
            for (var position = 0; position < feed.Length && outcomes[position].Seen; position++)
            {
                var index = feed[position].Index;
                world.Probabilities(visit, index, position, chances);
                rows.Add((visit.UserId, (int)visit.Candidates[index].RoomId, Floats(chances), Floats(truth[index].Select(Logit)), now[index]));
            }
        }

        var byUser = rows.GroupBy(row => row.User).Select(group => group.ToList()).ToList();
        var sorted = byUser.SelectMany(list => list).ToList();
        int[] offsets = [0, .. byUser.Select(list => list.Count)];
        for (var user = 1; user < offsets.Length; user++)
        {
            offsets[user] += offsets[user - 1];
        }

        float[][] Columns(Func<int, Func<int, float>> of) => [.. Enumerable.Range(0, M).Select(objective => Enumerable.Range(0, sorted.Count).Select(of(objective)).ToArray())];
        return new ExposurePool(
            offsets, [.. sorted.Select(row => row.Room)], Columns(m => row => sorted[row].Chances[m]), Columns(m => row => sorted[row].Logits[m]), Columns(m => row => sorted[row].Pxtrs[m]));
    }

    /// <summary>The log of the Pxtrs' weighted sum, each over its mean: a score as IPPO's weights make it.</summary>
    public float[] Fused(IReadOnlyList<double> weights)
    {
        var score = new float[Rows];
        for (var row = 0; row < score.Length; row++)
        {
            var sum = 0.0;
            for (var objective = 0; objective < M; objective++)
            {
                sum += weights[objective] * Pxtrs[objective][row] / Rates[objective];
            }

            score[row] = (float)Math.Log(sum);
        }

        return score;
    }

    /// <summary>Users drawn with replacement until they have as many exposures, each with new outcomes.</summary>
    public WindowSample Draw(int exposures, Random random)
    {
        var (rows, users) = (new List<int>(exposures + 100), new List<int>(exposures + 100));
        for (var user = 0; rows.Count < exposures; user++)
        {
            var drawn = random.Next(Users);
            for (var row = Offsets[drawn]; row < Offsets[drawn + 1]; row++)
            {
                rows.Add(row);
                users.Add(user);
            }
        }

        return new WindowSample([.. rows], Labels([.. rows], [.. users], random));
    }

    /// <summary>All exposures once, with new outcomes.</summary>
    public WindowSample DrawAll(Random random)
    {
        var users = new int[Rows];
        for (var user = 0; user < Users; user++)
        {
            Array.Fill(users, user, Offsets[user], Offsets[user + 1] - Offsets[user]);
        }

        int[] rows = [.. Enumerable.Range(0, Rows)];
        return new WindowSample(rows, Labels(rows, users, random));
    }

    private ObjectiveLabels Labels(int[] rows, int[] users, Random random)
    {
        var labels = new byte[M][];
        for (var objective = 0; objective < M; objective++)
        {
            var (column, chances) = (new byte[rows.Length], Chances[objective]);
            for (var place = 0; place < column.Length; place++)
            {
                column[place] = random.NextSingle() < chances[rows[place]] ? (byte)1 : (byte)0;
            }

            labels[objective] = column;
        }

        return ObjectiveLabels.Of(UserGroups.Of(users), labels, Objectives.Names);
    }

    private static float[] Predict(double[] truth, Random random)
    {
        var common = Normal(random);
        return Floats(truth.Select(chance => 1 / (1 + Math.Exp(-(Logit(chance) + (ModelError * Math.Sqrt(0.5) * (common + Normal(random))))))));
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Logit(double chance) => Math.Log(chance / (1 - chance));

    private static float[] Floats(IEnumerable<double> numbers) => [.. numbers.Select(number => (float)number)];
}

/// <summary>Exposures of a window: rows of the pool, and what came of them.</summary>
internal sealed record WindowSample(int[] Rows, ObjectiveLabels Labels);
