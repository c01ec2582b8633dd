using Google.Protobuf;
using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Stores;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Optimizers;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;
using Pantheon.Onnx.Formulas;
using Pantheon.Promotion;
using Pantheon.Promotion.Live;
using ScoringClient = Pantheon.Contracts.V1.Scoring.ScoringClient;

namespace Pantheon.Simulation.ClosedLoops;

/// <summary>Where the loop's service is.</summary>
/// <param name="Scoring">Asked for rooms.</param>
/// <param name="Feedback">Told what was seen.</param>
/// <param name="Models">Asked for pinned versions at the end.</param>
/// <param name="Calibrations">Told to freeze the baseline after the first day.</param>
/// <param name="Store">The service's store of exposures.</param>
/// <param name="Clock">The service's clock.</param>
public sealed record LoopService(ScoringClient Scoring, Feedback.FeedbackClient Feedback, Models.ModelsClient Models, Calibrations.CalibrationsClient Calibrations, IExposureStore Store, SimulatedClock Clock);

/// <summary>
/// The closed loop: visits are ranked by the service over gRPC, shown, reported, stored, learned from, and what wins is tried out and
/// promoted in the same service. Simulated are the audience and the calendar; the service, the store and the promoter are the real ones.
/// </summary>
public sealed class ClosedLoop
{
    // How the first scores come about is nobody's business: consumers are used to the scale of the short videos.
    private static readonly int[] s_looks = [2, 8, 14, 20];

    private readonly LoopOptions _options;
    private readonly World _world;
    private bool _isFrozen;

    public ClosedLoop(LoopOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _world) = (options, new World(options.World));
        Promoter = new PromoterOptions
        {
            Model = options.Model,
            Labels = [.. Objectives.Names.Select(name => $"{name}={name}")],
            Features = AudienceFeatures.Of(options.World, options.FirstDays + options.Days),
            Window = TimeSpan.FromDays(1),
            FeedbackDelay = TimeSpan.FromHours(1),
            WarmupWindows = 2,
            RefreshWindows = 2,
            OwnBase = options.Start == LoopStart.Promoted,
            Recommender = new() { UserFeature = "user_id", ItemFeature = "room_id", Ranking = new() { AttentionWidth = 0 } },
            // What won on KuaiRand (docs/measurements/ippo.md): a sum of Pxtrs with weights personal to the user, learned from pairs.
            Weights = Objectives.Names.ToDictionary(name => name, _ => 1.0),
            Head = new() { Loss = HeadLoss.Pairwise, Network = new() { Personal = true, Encoder = PantheonEncoder.None } },
            // A window is some 30,000 rows: small batches and fast embeddings, or a user's taste is never learned.
            Training = new() { Seed = options.World.Seed, Order = RowOrder.Users, BatchSize = 128, Epochs = 1, Rate = 1e-3, TableRate = 20, Decay = LearningRateDecay.None },
            Policy = IppoOptions.Live with { Gap = IppoGap.LeastCertain, Delta = 0.3, BurnInWindows = 0, JudgedWindows = 2, MinimumUsers = 250 },
            Steps = [new(25, TimeSpan.FromHours(18)), new(50, TimeSpan.FromHours(18))],
            Guard = new() { MinimumUsers = 50 },
        };
    }

    /// <summary>How the promoter is set; may be changed before the loop is run.</summary>
    public PromoterOptions Promoter { get; set; }

    /// <summary>The moment of day 0 of the loop.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Learns and publishes what serves first.</summary>
    public Bundle PublishFirst(string repository, string tool, CancellationToken cancellation = default)
    {
        // An app for live streams: of the rooms that are returned every second one stands above five of six short videos.
        var baseline = new Moments(_options.World.VideoScoreMean + _options.World.VideoScoreDeviation, _options.World.VideoScoreDeviation);
        return FirstModel.Publish(
            Promoter, FirstWindow(), repository, _options.Start == LoopStart.Stale ? FusionFormula.Parse(_options.Formula, Objectives.Names) : null, baseline,
            new Lineage { CreatedAt = Start, CreatedBy = tool, Notes = $"simulation: {_options.Start.ToString().ToLowerInvariant()} incumbent, seed {_options.World.Seed}" }, cancellation);
    }

    /// <summary>Runs it.</summary>
    /// <param name="promoter">Works on the service's repository and store, by its clock.</param>
    /// <param name="progress">Hears how far it is: a sentence and a share of the whole.</param>
    /// <exception cref="RpcException">The comparison at the end failed; a visit that fails is counted.</exception>
    public async Task<LoopResult> RunAsync(LoopService service, Promoter promoter, Func<IReadOnlyList<PromotionEntry>> journal, long first, Action<string, double> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(promoter);
        ArgumentNullException.ThrowIfNull(progress);
        var gateway = new Gateway(_world, _options, service.Scoring, service.Feedback);
        var days = new List<LoopDay>();
        var stored = 0L;
        for (var day = 0; day < _options.Days; day++)
        {
            days.Add(await DayAsync(service, gateway, promoter, day, stored, share => progress($"day {day + 1}", (day + share) / (_options.Days + 1)), cancellation).ConfigureAwait(false));
            stored += days[^1].Requests;
        }

        // The last day's window, and whatever trial it ends.
        progress("the last window", _options.Days / (_options.Days + 1.0));
        service.Clock.MoveTo(Start.AddDays(_options.Days).AddHours(s_looks[0]));
        await StoredAsync(service.Store, stored, cancellation).ConfigureAwait(false);
        await promoter.LookAsync(cancellation).ConfigureAwait(false);
        var model = await service.Models.GetAsync(new GetModelRequest { Model = _options.Model }, cancellationToken: cancellation);
        progress("comparing on later days", (_options.Days + 0.5) / (_options.Days + 1));
        var later = model.BaseVersion == first ? null : await CompareAsync(service, gateway, first, model.BaseVersion, cancellation).ConfigureAwait(false);
        return new LoopResult(first, model.BaseVersion, days, journal(), later);
    }

    // Days before day 0 of the loop are the world's first ones.
    private int WorldDay(int day) => _options.FirstDays + day;

    private async Task<LoopDay> DayAsync(LoopService service, Gateway gateway, Promoter promoter, int day, long stored, Action<double> progress, CancellationToken cancellation)
    {
        var (shown, uncalibrated, versions) = (new Tally(), new Tally(), new Dictionary<long, long>());
        var (requests, failures, explored, done, why) = (0L, 0L, 0L, 0, "");
        var hours = Enumerable.Range(0, _options.Visits).ToLookup(number => _world.Request(WorldDay(day), number).Hour);
        var sync = new Lock();
        for (var hour = 0; hour < 24; hour++)
        {
            service.Clock.MoveTo(Start.AddDays(day).AddHours(hour));
            if (s_looks.Contains(hour))
            {
                // Of yesterday all is stored before its window is looked at.
                if (hour == s_looks[0] && day > 0)
                {
                    await StoredAsync(service.Store, stored, cancellation).ConfigureAwait(false);
                }

                if (hour == s_looks[0] && day > 0 && !_isFrozen)
                {
                    _isFrozen = await FreezeAsync(service.Calibrations, cancellation).ConfigureAwait(false);
                }

                await promoter.LookAsync(cancellation).ConfigureAwait(false);
            }

            await Parallel.ForEachAsync(
                hours[hour],
                new ParallelOptions { MaxDegreeOfParallelism = _options.Concurrency, CancellationToken = cancellation },
                async (number, stop) =>
                {
                    try
                    {
                        var visit = await gateway.ServeAsync(WorldDay(day), number, stop).ConfigureAwait(false);
                        lock (sync)
                        {
                            requests++;
                            versions[visit.Answer.Version] = versions.GetValueOrDefault(visit.Answer.Version) + 1;
                            explored += visit.Answer.Explored ? 1 : 0;
                            if (!visit.Answer.Explored)
                            {
                                shown.Add(visit.Request, visit.Feed, visit.Outcomes);
                                uncalibrated.Place(gateway.Feed(visit.Request, visit.Answer, raw: true));
                            }
                        }
                    }
                    catch (RpcException error) when (!stop.IsCancellationRequested)
                    {
                        lock (sync)
                        {
                            failures++;
                            why = why.Length > 0 ? why : $"{error.StatusCode}: {error.Status.Detail}";
                        }
                    }
                }).ConfigureAwait(false);
            done += hours[hour].Count();
            progress((double)done / _options.Visits);
        }

        return new LoopDay(day, requests, failures, why, explored, versions, shown, uncalibrated);
    }

    // Consumers are used to the first day's scores by now. Of a small day there may be too few; then a day later.
    private async Task<bool> FreezeAsync(Calibrations.CalibrationsClient calibrations, CancellationToken cancellation)
    {
        try
        {
            await calibrations.FreezeAsync(
                new FreezeBaselineRequest { Model = _options.Model, Requester = new Requester { Name = "simulation", Reason = "as of the first days" } }, cancellationToken: cancellation);
            return true;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.FailedPrecondition)
        {
            return false;
        }
    }

    private static async Task StoredAsync(IExposureStore store, long expected, CancellationToken cancellation)
    {
        // The service writes behind its answers.
        while ((await store.StatisticsAsync(cancellation).ConfigureAwait(false)).Rankings < expected)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellation).ConfigureAwait(false);
        }
    }

    private async Task<LaterDays> CompareAsync(LoopService service, Gateway gateway, long first, long last, CancellationToken cancellation)
    {
        // The incumbent may be gone by now.
        await PinAsync(service.Models, first, cancellation).ConfigureAwait(false);
        Tally[] shown = [new(), new()], raw = [new(), new()], alone = [new(), new()];
        var (users, labels) = (new List<int>(), Objectives.Names.Select(_ => new List<byte>()).ToArray());
        // Incumbent, last base, and what the incumbent's formula makes of the last base's Pxtrs: how much of the gain is freshness.
        List<float>[] scores = [[], [], []];
        var formula = FusionFormula.Parse(_options.Formula, Objectives.Names);
        var known = new Dictionary<long, int>();
        var sync = new Lock();
        var visits = Enumerable.Range(0, _options.LaterDays).SelectMany(day => Enumerable.Range(0, _options.Visits).Select(number => (Day: WorldDay(_options.Days + day), number)));
        await Parallel.ForEachAsync(
            visits,
            new ParallelOptions { MaxDegreeOfParallelism = _options.Concurrency, CancellationToken = cancellation },
            async (visit, stop) =>
            {
                var request = _world.Request(visit.Day, visit.number);
                var answers = new[] { await gateway.RankAsync(request, first, stop, all: true).ConfigureAwait(false), await gateway.RankAsync(request, last, stop, all: true).ConfigureAwait(false) };
                var order = Shuffled(visit.Day, visit.number);
                var drawn = _world.Feedback(request, order);
                lock (sync)
                {
                    for (var arm = 0; arm < answers.Length; arm++)
                    {
                        var top = answers[arm].Clone();
                        top.Items.Clear();
                        top.Items.AddRange(answers[arm].Items.Take(_options.Top));
                        var show = gateway.Show(request, top);
                        shown[arm].Add(request, show.Feed, show.Outcomes);
                        raw[arm].Place(gateway.Feed(request, top, raw: true));
                        FeedItem[] rooms = [.. top.Items.Take(_options.Slots).Select(item => new FeedItem(true, item.Position))];
                        alone[arm].Add(request, rooms, _world.Feedback(request, rooms));
                    }

                    if (!known.TryGetValue(request.UserId, out var user))
                    {
                        known.Add(request.UserId, user = known.Count);
                    }

                    for (var place = 0; place < order.Length && drawn[place].Seen; place++)
                    {
                        users.Add(user);
                        for (var arm = 0; arm < answers.Length; arm++)
                        {
                            scores[arm].Add(answers[arm].Items.First(item => item.Position == order[place].Index).RawScore);
                        }

                        var pxtrs = answers[1].Items.First(item => item.Position == order[place].Index).Pxtrs;
                        scores[2].Add((float)formula.Evaluate([.. Objectives.Names.Select(name => (double)pxtrs[answers[1].Objectives.IndexOf(name)])]));

                        for (var objective = 0; objective < labels.Length; objective++)
                        {
                            labels[objective].Add((byte)(drawn[place].Has(objective) ? 1 : 0));
                        }
                    }
                }
            }).ConfigureAwait(false);
        var packed = ObjectiveLabels.Of(UserGroups.Of([.. users]), [.. labels.Select(column => column.ToArray())], Objectives.Names);
        var gauc = PairedBootstrap.Compare(("incumbent", Gauc.PerUser([.. scores[0]], packed)), [("base", Gauc.PerUser([.. scores[1]], packed)), ("formula", Gauc.PerUser([.. scores[2]], packed))]);
        return new LaterDays(shown[0], shown[1], raw[0], raw[1], alone[0], alone[1], users.Count, gauc);
    }

    private async Task PinAsync(Models.ModelsClient models, long version, CancellationToken cancellation)
    {
        try
        {
            await models.LoadAsync(new LoadModelRequest { Model = _options.Model, Version = version, Requester = new Requester { Name = "simulation" } }, cancellationToken: cancellation);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.FailedPrecondition)
        {
            // It is loaded still.
        }
    }

    private JoinedWindow FirstWindow()
    {
        List<Exposure> rows = [];
        for (var day = 0; day < _options.FirstDays; day++)
        {
            for (var number = 0; number < _options.FirstVisits; number++)
            {
                var visit = _world.Request(day, number);
                var order = Shuffled(day, number);
                var outcomes = _world.Feedback(visit, order);
                var ranking = new Ranking
                {
                    Id = RankingId.New(Start.AddDays(day - _options.FirstDays).AddHours(visit.Hour)),
                    RequestId = "",
                    UserKey = FormattableString.Invariant($"u{visit.UserId}"),
                    Scenario = "",
                    Model = "none",
                    Version = 0,
                    Digest = "",
                    Arm = RankingArm.Base,
                    Explored = true,
                    Candidates = visit.Candidates.Count,
                    Items = [.. order.Select(item => new RankedExposure(item.Index, visit.Candidates[item.Index].RoomId, 0, 1.0 / visit.Candidates.Count))],
                    Features = AudienceFeatures.Request(visit, _options.Model, _options.Top).ToByteArray(),
                };
                for (var place = 0; place < order.Length && outcomes[place].Seen; place++)
                {
                    rows.Add(new Exposure(ranking, place, place, [.. Enumerable.Range(0, Objectives.Names.Count).Select(objective => outcomes[place].Has(objective) ? 1f : 0f)]));
                }
            }
        }

        return new JoinedWindow(new ExposureWindow(Start.AddDays(-_options.FirstDays), Start, Start), rows, new JoinCounts());
    }

    // Rooms in no order of merit.
    private FeedItem[] Shuffled(int day, int number)
    {
        var draw = new Draw(_options.World.Seed, Purpose.Shuffle, day, number);
        var keys = Enumerable.Range(0, _options.World.Candidates).Select(_ => draw.Uniform()).ToArray();
        var order = Enumerable.Range(0, keys.Length).ToArray();
        Array.Sort(keys, order);
        return [.. order.Take(_options.Top).Select(index => new FeedItem(true, index))];
    }
}
