using System.Globalization;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Policies;
using Pantheon.Simulation;

namespace Pantheon.Benchmarks.Promotion;

/// <summary>How often the promoter takes noise for a gain, and how long it takes to see a gain that is there.</summary>
internal sealed class PromoterMeasurement
{
    // docs/measurements/seeds.md: two trainings of the default configuration from two seeds.
    private const double SeedTau = 0.7404;
    private const int SeedExposures = 127_192;
    private static readonly double[] s_seedErrors = [0.090, 0.107, 0.185, 0.322, 0.284, 0.290, 0.446];

    private readonly StringWriter _output = new(CultureInfo.InvariantCulture);
    private readonly ExposurePool _pool;
    private readonly double _size;
    private readonly double _scale;

    private PromoterMeasurement(ExposurePool pool, double size, double scale)
    {
        (_pool, _size, _scale) = (pool, size, scale);
    }

    /// <param name="scale">Share of all repetitions, for a quick look.</param>
    public static void Run(TextWriter output, double scale)
    {
        WorldDigest.Verify(new WorldOptions());
        Say("exposures of the frozen world");
        var pool = ExposurePool.Of(new World(), 40_000);
        Say($"{pool.Rows} exposures of {pool.Users} users; the size of the jitter");
        var size = SizeOfJitter(pool);
        // Each has seeds and output of its own, so they may run at once.
        Action<PromoterMeasurement>[] parts = [part => part.Setting(), part => part.Null(), part => part.LeastFavourable(), part => part.Persistent(), part => part.Power(), part => part.Stationary()];
        var measured = parts.Select(part => (Measurement: new PromoterMeasurement(pool, size, scale), Part: part)).ToList();
        Task.WaitAll([.. measured.Select(pair => Task.Factory.StartNew(() => pair.Part(pair.Measurement), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))]);
        measured.ForEach(pair => output.Write(pair.Measurement._output));
    }

    private int Scaled(int count) => Math.Max(2, (int)(count * _scale));

    private void Setting()
    {
        Line($"Simulator frozen with digest `{WorldDigest.Of(new WorldOptions())}`; this run verified it. {_pool.Rows:N0} exposures of {_pool.Users:N0} users of its default world, chosen by an older model; a window draws users of them, with replacement, and every outcome anew from its true probability. Base: sum of a ranking model's Pxtrs (the truth with an error), each over its rate.");
        Line();
        Line($"## The noise: as much as two training seeds differ by");
        Line();
        var sample = _pool.Draw(SeedExposures, new Random(5));
        var window = Judging.Window(sample, Jitter(sample, 1), Jitter(sample, 2));
        Line($"Independent normal jitter of {_size:0.000} on the log score of base and reference each: Kendall's tau-b between them, within users, is {SeedTau:0.000}, that of two trainings of the default configuration on kuairand-sim ([seeds.md](seeds.md)). The paired standard errors that follow, at as many exposures, beside those of the trainings:");
        Line();
        Line($"| objective | rate, % | GAUC of the base, % | users with both classes | standard error here, points | of two trainings |");
        Line($"| --- | ---: | ---: | ---: | ---: | ---: |");
        for (var objective = 0; objective < ExposurePool.M; objective++)
        {
            Line($"| {Objectives.Names[objective]} | {100 * _pool.Chances[objective].Average():0.0} | {100 * window.Base[objective]:0.0} | {window.Users[objective]:N0} | {100 * window.StandardErrors[objective]:0.000} | {s_seedErrors[objective]:0.000} |");
        }

        Line();
        Line($"In the last row stands is_forward, the rarest of that log. The rare objectives are rarer there (like 7.1 %, forward 1.1 %), so their standard errors are larger at as many exposures. The rules: z of the guard is 1.645 (family-wise error 0.05, one reference), at least 100 users with both classes of every objective.");
        Line();
    }

    private void Null()
    {
        Line($"## Nothing to gain: false promotions a window");
        Line();
        Line($"Base and reference are the same model, jitter new in every window; all windows of a row are one stream, judged by every rule. In brackets: the exact (Clopper-Pearson) one-sided upper 95 % limit.");
        Line();
        Line($"| exposures a window | windows | {string.Join(" | ", Rule.All.Select(rule => rule.Name))} |");
        Line($"| ---: | ---: | {string.Join(" | ", Rule.All.Select(_ => "---:"))} |");
        foreach (var (exposures, windows) in new[] { (5_000, Scaled(2500)), (20_000, Scaled(2500)), (50_000, Scaled(2000)) })
        {
            var random = new Random(exposures);
            var promotions = Stream(windows, windows, (number, _) =>
            {
                var sample = _pool.Draw(exposures, random);
                return Judging.Window(sample, Jitter(sample, 2 * number), Jitter(sample, (2 * number) + 1));
            });
            Line($"| {exposures:N0} | {windows:N0} | {string.Join(" | ", promotions.Select(count => Rate(count, windows)))} |");
        }

        Line();
    }

    private void LeastFavourable()
    {
        Line($"## The worst case: better on six objectives, equal on one");
        Line();
        double[] target = [0.02, 0.02, 0.02, 0.02, 0.02, 0, 0.02];
        var reference = GainSearch.Reference(_pool, _size, target, Drawings(24, 11));
        var gains = GainSearch.Gains(_pool, _size, reference, Drawings(40, 12));
        Line($"What the level is for: the true gain is {string.Join(", ", gains.Select((gain, objective) => $"{Objectives.Names[objective]} {100 * gain:+0.00;-0.00;0.00}"))} points, over as many outcomes of {40L * _pool.Rows:N0} exposures. 100,000 exposures a window. No promotion of such a reference is right by IPPO, though none would be a great loss.");
        Line();
        Table(Scaled(500), number =>
        {
            var sample = _pool.Draw(100_000, new Random(900_000 + number));
            return Judging.Window(sample, Jitter(sample, 2 * number), Jittered(reference, sample, (2 * number) + 1));
        });
    }

    private void Persistent()
    {
        Line($"## The same two models over consecutive windows");
        Line();
        Line($"Half of the jitter's variance stays with the model, a constant for each room, as two trainings disagree on rooms for good; a reference may then truly be better by a hair. 20,000 exposures a window, 20 windows a pair.");
        Line();
        const int Length = 20;
        var (pairs, random) = (Scaled(100), new Random(77));
        var promoted = Rule.All.Select(_ => new HashSet<int>()).ToArray();
        var promotions = Stream(pairs * Length, Length, (number, _) =>
        {
            var sample = _pool.Draw(20_000, random);
            var pair = number / Length;
            return Judging.Window(sample, Kept(_pool.Sum, sample, number, 2 * pair), Kept(_pool.Sum, sample, -1 - number, (2 * pair) + 1));
        }, (rule, number) => promoted[rule].Add(number / Length));
        var drawings = Drawings(6, 21);
        var gains = Enumerable.Range(0, pairs).Select(pair => Judging.TrueGains(drawings, (sample, drawing) =>
            (Kept(_pool.Sum, sample, 3_000_000 + drawing, 2 * pair), Kept(_pool.Sum, sample, 4_000_000 + drawing, (2 * pair) + 1)))).ToList();
        Line($"| | {string.Join(" | ", Rule.All.Select(rule => rule.Name))} |");
        Line($"| --- | {string.Join(" | ", Rule.All.Select(_ => "---:"))} |");
        Line($"| promotions in {pairs * Length:N0} windows | {string.Join(" | ", promotions.Select(count => Rate(count, pairs * Length)))} |");
        Line($"| pairs promoted once at least, of {pairs} | {string.Join(" | ", promoted.Select(set => set.Count))} |");
        Line($"| of them truly better on all objectives | {string.Join(" | ", promoted.Select(set => set.Count(pair => gains[pair].Min() > 0)))} |");
        Line();
        var means = gains.Select(gain => 100 * gain.Average()).ToList();
        Line($"True mean gains of the pairs (over {6L * _pool.Rows:N0} exposures each): standard deviation {Math.Sqrt(means.Average(mean => mean * mean)):0.00} points; {gains.Count(gain => gain.Min() > 0)} of {pairs} pairs are better on all.");
        Line();
    }

    private void Power()
    {
        Line($"## A true gain of 0.5 points on every objective");
        Line();
        var reference = GainSearch.Reference(_pool, _size, [.. Enumerable.Repeat(0.005, ExposurePool.M)], Drawings(30, 31));
        var gains = GainSearch.Gains(_pool, _size, reference, Drawings(60, 32));
        Line($"The base with some of the truth added, both with jitter; over {60L * _pool.Rows:N0} fresh exposures its gains are {string.Join(", ", gains.Select((gain, objective) => $"{Objectives.Names[objective]} {100 * gain:+0.00;-0.00;0.00}"))}. Share of streams, in %, in which it is promoted by window 1, 2, ... 20:");
        Line();
        int[] shown = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20];
        Line($"| exposures a window | rule | streams | {string.Join(" | ", shown)} | median |");
        Line($"| ---: | --- | ---: | {string.Join(" | ", shown.Select(_ => "---:"))} | ---: |");
        foreach (var (exposures, streams) in new[] { (5_000, Scaled(20)), (20_000, Scaled(30)), (50_000, Scaled(40)), (100_000, Scaled(40)), (200_000, Scaled(30)), (500_000, Scaled(10)) })
        {
            var when = Rule.All.Select(_ => new List<int>()).ToArray();
            for (var stream = 0; stream < streams; stream++)
            {
                var random = new Random((exposures * 1000) + stream);
                var policies = Rule.All.Select(rule => rule.Policy()).ToArray();
                var first = new int[policies.Length];
                for (var window = 1; window <= 20 && first.Contains(0); window++)
                {
                    var (sample, key) = (_pool.Draw(exposures, random), random.NextInt64());
                    var figures = Judging.Window(sample, Jitter(sample, key), Jittered(reference, sample, key + 1));
                    for (var rule = 0; rule < policies.Length; rule++)
                    {
                        first[rule] = first[rule] == 0 && policies[rule].Decide(figures).Action == IppoAction.Promote ? window : first[rule];
                    }
                }

                for (var rule = 0; rule < first.Length; rule++)
                {
                    when[rule].Add(first[rule] == 0 ? int.MaxValue : first[rule]);
                }
            }

            Say($"power: {exposures} exposures");
            for (var rule = 0; rule < when.Length; rule++)
            {
                var median = when[rule].Order().ElementAt(streams / 2);
                Line($"| {exposures:N0} | {Rule.All[rule].Name} | {streams} | {string.Join(" | ", shown.Select(by => $"{100.0 * when[rule].Count(window => window <= by) / streams:0}"))} | {(median == int.MaxValue ? "> 20" : $"{median}")} |");
            }
        }

        Line();
    }

    private void Stationary()
    {
        const int Length = 100;
        const int Exposures = 20_000;
        Line($"## IPPO with its weights on a stationary stream");
        Line();
        Line($"{Length} windows of {Exposures:N0} exposures, nothing drifts. The references are sums with IPPO's weights; what is scored has the jitter of its training, half of it new in every window and half of it constant until its weights change. After a promotion reference and base are one until a weight is raised. The rules have a burn-in of one window. A promotion is false if the true GAUC of any objective falls.");
        Line();
        Line($"| first base | rule | streams | promotions per 100 windows | of them in the first 20 | false | change of the base from window 20 to 100, true mean GAUC, points | its worst objective |");
        Line($"| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        var drawings = Drawings(10, 41);
        var poor = (float[])_pool.Sum.Clone();
        for (var row = 0; row < poor.Length; row++)
        {
            poor[row] += 1.0f * Noise.At(99, row);
        }

        foreach (var (name, stale) in new[] { ("the reference's own equal sum", false), ("a stale model", true) })
        {
            for (var rule = 0; rule < Rule.All.Count; rule++)
            {
                var (streams, promotions, early, wrong) = (Scaled(4), 0, 0, 0);
                var change = new double[ExposurePool.M];
                for (var stream = 0; stream < streams; stream++)
                {
                    var random = new Random((1000 * stream) + 17);
                    var policy = (Rule.All[rule] with { Options = Rule.All[rule].Options with { BurnInWindows = 1 } }).Policy();
                    // Version 0 is the incumbent; the reference gets a new one with every change of its weights.
                    var (baseScore, baseVersion) = (stale ? poor : _pool.Sum, 0);
                    var (score, version) = (_pool.Sum, stale ? 1 : 0);
                    var settled = (Score: baseScore, Version: baseVersion);
                    for (var window = 1; window <= Length; window++)
                    {
                        var sample = _pool.Draw(Exposures, random);
                        var figures = Judging.Window(
                            sample, Trained(baseScore, sample, stream, baseVersion, window), Trained(score, sample, stream, version, window),
                            [.. _pool.Pxtrs.Select(column => sample.Rows.Select(row => column[row]).ToArray())]);
                        var decision = policy.Decide(figures);
                        if (decision.Action == IppoAction.Promote)
                        {
                            promotions++;
                            early += window <= 20 ? 1 : 0;
                            wrong += TrueGains(drawings, stream, baseScore, baseVersion, score, version).Min() < 0 ? 1 : 0;
                            (baseScore, baseVersion) = (score, version);
                        }
                        else if (decision.Action == IppoAction.RaiseWeight)
                        {
                            score = _pool.Fused(decision.After.Reference);
                            version = window + 1;
                        }

                        settled = window == 20 ? (baseScore, baseVersion) : settled;
                    }

                    var moved = settled.Version == baseVersion ? new double[ExposurePool.M] : TrueGains(drawings, stream, settled.Score, settled.Version, baseScore, baseVersion);
                    for (var objective = 0; objective < change.Length; objective++)
                    {
                        change[objective] += 100 * moved[objective] / streams;
                    }
                }

                Say($"stationary: {name}, {Rule.All[rule].Name}");
                Line($"| {name} | {Rule.All[rule].Name} | {streams} | {promotions * 100.0 / (streams * Length):0.0} | {early * 100.0 / (streams * Length):0.0} | {wrong * 100.0 / (streams * Length):0.0} | {change.Average():+0.00;-0.00;0.00} | {change.Min():+0.00;-0.00;0.00} |");
            }
        }

        Line();
    }

    private double[] TrueGains(IReadOnlyList<WindowSample> drawings, int stream, float[] baseScore, int baseVersion, float[] score, int version) =>
        Judging.TrueGains(drawings, (sample, drawing) => (Trained(baseScore, sample, stream, baseVersion, 1000 + drawing), Trained(score, sample, stream, version, 1000 + drawing)));

    // A version has its own constants and, in each window, its own noise: base and reference of one version are one model.
    private float[] Trained(float[] score, WindowSample sample, int stream, int version, int window)
    {
        var model = (stream * 10_000L) + version;
        return Kept(score, sample, (model * 10_000) + window + 50_000_000_000, model + 7_000_000);
    }

    private float[] Jitter(WindowSample sample, long key) => Jittered(_pool.Sum, sample, key);

    private float[] Jittered(float[] score, WindowSample sample, long key) => Judging.Jittered(_pool, score, sample, _size, key);

    private float[] Kept(float[] score, WindowSample sample, long fresh, long model) => Judging.Jittered(_pool, score, sample, _size, fresh, model + 8_000_000_000);

    private List<WindowSample> Drawings(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => _pool.DrawAll(random))];
    }

    // Policies start anew after every so many windows.
    private int[] Stream(int windows, int length, Func<int, int, IppoWindow> figures, Action<int, int>? promoted = null)
    {
        var promotions = new int[Rule.All.Count];
        var policies = Rule.All.Select(rule => rule.Policy()).ToArray();
        for (var number = 0; number < windows; number++)
        {
            policies = number % length == 0 ? [.. Rule.All.Select(rule => rule.Policy())] : policies;
            var window = figures(number, number % length);
            for (var rule = 0; rule < policies.Length; rule++)
            {
                if (policies[rule].Decide(window).Action == IppoAction.Promote)
                {
                    promotions[rule]++;
                    promoted?.Invoke(rule, number);
                }
            }

            if (number % 500 == 499)
            {
                Say($"window {number + 1} of {windows}: {string.Join(", ", promotions)}");
            }
        }

        return promotions;
    }

    private void Table(int windows, Func<int, IppoWindow> figures)
    {
        var promotions = Stream(windows, windows, (number, _) => figures(number));
        Line($"| | {string.Join(" | ", Rule.All.Select(rule => rule.Name))} |");
        Line($"| --- | {string.Join(" | ", Rule.All.Select(_ => "---:"))} |");
        Line($"| promotions in {windows:N0} windows | {string.Join(" | ", promotions.Select(count => Rate(count, windows)))} |");
        Line();
    }

    private static double SizeOfJitter(ExposurePool pool)
    {
        var sample = pool.Draw(100_000, new Random(3));
        var (low, high) = (0.0, 3.0);
        for (var step = 0; step < 20; step++)
        {
            var middle = (low + high) / 2;
            var tau = KendallTau.ComputeGrouped(
                Judging.Jittered(pool, pool.Sum, sample, middle, 1), Judging.Jittered(pool, pool.Sum, sample, middle, 2), sample.Labels.Groups).Tau;
            (low, high) = tau > SeedTau ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    private static string Rate(int count, int windows) =>
        string.Create(CultureInfo.InvariantCulture, $"{count}: {100.0 * count / windows:0.00} % [{100 * Binomial.Upper(count, windows):0.00}]");

    private void Line(FormattableString? text = null) => _output.WriteLine(text?.ToString(CultureInfo.InvariantCulture) ?? "");

    private static void Say(string what) => Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {what}");
}
