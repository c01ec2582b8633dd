using System.Globalization;
using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using ModelsClient = Pantheon.Contracts.V1.Models.ModelsClient;
using State = Pantheon.Contracts.V1.VersionState;

namespace Pantheon.Serving.Tests.Rollout;

/// <summary>Versions that come, go, are tried out and taken back, in a real service by real calls.</summary>
public sealed class ModelsTests : IDisposable
{
    private const string Name = "probe";

    private readonly TemporaryFolder _repository = new();

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task Drop_NothingDeclared_ServesTheNewVersionAndKeepsTheOldOneWarm()
    {
        await using var service = await StartAsync(1);
        Publish(2);

        await VersionAsync(service, 2);
        var model = await GetAsync(service);

        Assert.Equal((2, 1, 0), (model.BaseVersion, model.PreviousVersion, model.Revision));
        Assert.Equal([State.Ready, State.Ready], model.Versions.Select(version => version.State));
        Publish(3);
        await VersionAsync(service, 3);
        await Poll.UntilAsync(async () => (await GetAsync(service)).Versions[0].State == State.Available, "version 1 is let go");
        await NoErrorsAsync(service);
    }

    [Fact]
    public async Task Drop_BrokenOrHalfCopied_LeavesWhatServesAndIsTakenOnceItIsWhole()
    {
        await using var service = await StartAsync(1);
        var folder = Publish(2, into: Path.Combine(_repository.Path, "..", Path.GetFileName(_repository.Path) + "-elsewhere"));
        var there = Directory.CreateDirectory(Path.Combine(_repository.Path, Name, "2")).FullName;
        File.Copy(Path.Combine(folder, Manifest.FileName), Path.Combine(there, Manifest.FileName));

        await Poll.UntilAsync(async () => (await GetAsync(service)).Versions.Any(version => version.Reason.Contains("model.onnx: missing", StringComparison.Ordinal)), "it is refused");
        Assert.Equal(1, (await RankAsync(service)).Version);

        File.Copy(Path.Combine(folder, Bundle.ModelFile), Path.Combine(there, Bundle.ModelFile));
        await VersionAsync(service, 2);
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(folder)!)!, recursive: true);
    }

    [Fact]
    public async Task Promote_ThenRollback_AnswersWithWhatChangedAndWhoAsked()
    {
        await using var service = await StartAsync(1);
        Declare(1);
        Publish(2);
        var models = new ModelsClient(service.Channel);
        var canary = await models.SetCanaryAsync(new SetCanaryRequest { Model = Name, Version = 2, Percent = 50, Requester = new Requester { Name = "ada", Reason = "a try" } }, deadline: Soon);
        var promoted = await models.PromoteAsync(new PromoteModelRequest { Model = Name, Version = 2 }, deadline: Soon);

        Assert.Equal(("canary", "ada", "a try", 1, 2, 50), (canary.Change.Action, canary.Change.Requester, canary.Change.Reason, canary.Change.BaseVersion, canary.Change.CanaryVersion, canary.Change.CanaryPercent));
        Assert.Equal((1, 2, 50), (canary.Model.BaseVersion, canary.Model.CanaryVersion, canary.Model.CanaryPercent));
        Assert.Equal((2, 0, 1, 3), (promoted.Model.BaseVersion, promoted.Model.CanaryVersion, promoted.Model.PreviousVersion, promoted.Model.Revision));
        Assert.Contains("127.0.0.1", promoted.Change.Requester, StringComparison.Ordinal);
        Assert.Equal((2, Arm.Base), await ArmAsync(service, "anybody"));

        var back = await models.RollbackAsync(new RollbackModelRequest { Model = Name }, deadline: Soon);

        Assert.Equal((1, 0), (back.Model.BaseVersion, back.Model.PreviousVersion));
        Assert.Equal(1, (await RankAsync(service)).Version);
        var history = await models.HistoryAsync(new ModelHistoryRequest { Model = Name, Limit = 2 }, deadline: Soon);
        Assert.Equal(["rollback", "promote"], history.Changes.Select(change => change.Action));
        // What was declared outlives the process, whatever is newest.
        await using var again = await ServiceProcess.StartReadyAsync(_repository.Path);
        Assert.Equal(1, (await RankAsync(again)).Version);
        await NoErrorsAsync(service);
    }

    [Fact]
    public async Task Canary_AShareOfTheUsers_IsTheSameOnEveryReplicaAndOnlyGrows()
    {
        Publish(2);
        await using var service = await StartAsync(1);
        await using var other = await ServiceProcess.StartReadyAsync(_repository.Path);
        var models = new ModelsClient(service.Channel);
        await models.PromoteAsync(new PromoteModelRequest { Model = Name, Version = 1 }, deadline: Soon);
        await VersionAsync(other, 1);
        HashSet<string> before = [];
        foreach (var percent in (double[])[10, 40, 100])
        {
            var changed = await models.SetCanaryAsync(new SetCanaryRequest { Model = Name, Version = 2, Percent = percent }, deadline: Soon);
            await Poll.UntilAsync(async () => (await GetAsync(other)).Revision == changed.Model.Revision, "the other replica follows");
            HashSet<string> now = [];
            foreach (var user in Enumerable.Range(0, 100).Select(user => $"user {user}"))
            {
                var (version, arm) = await ArmAsync(service, user);
                Assert.Equal((version, arm), await ArmAsync(other, user));
                Assert.Equal(version == 2 ? Arm.Canary : Arm.Base, arm);
                _ = version == 2 && now.Add(user);
            }

            Assert.Subset(now, before);
            Assert.InRange(now.Count, percent - 18, percent + 18);
            before = now;
        }

        Assert.Equal((1, Arm.Base), await ArmAsync(service, ""));
    }

    [Fact]
    public async Task Changes_ThatCannotBe_SayWhyAndChangeNothing()
    {
        await using var service = await StartAsync(1);
        var models = new ModelsClient(service.Channel);
        var broken = Publish(2);
        File.WriteAllText(Path.Combine(broken, Bundle.ModelFile), "no graph");

        async Task FailsAsync(StatusCode code, string message, Func<AsyncUnaryCall<ChangeModelResponse>> call)
        {
            var status = (await Assert.ThrowsAsync<RpcException>(async () => await call())).Status;
            Assert.Contains(message, status.Detail, StringComparison.Ordinal);
            Assert.Equal(code, status.StatusCode);
        }

        await FailsAsync(StatusCode.FailedPrecondition, "version 2 is refused: ", () => models.PromoteAsync(new PromoteModelRequest { Version = 2 }, deadline: Soon));
        await FailsAsync(StatusCode.FailedPrecondition, "has no version 7: expected one of 1, 2", () => models.PromoteAsync(new PromoteModelRequest { Version = 7 }, deadline: Soon));
        await FailsAsync(StatusCode.InvalidArgument, "version: got -1, expected a positive number", () => models.LoadAsync(new LoadModelRequest { Version = -1 }, deadline: Soon));
        await FailsAsync(StatusCode.InvalidArgument, "percent: got 101, expected 0 to 100", () => models.SetCanaryAsync(new SetCanaryRequest { Version = 2, Percent = 101 }, deadline: Soon));
        await FailsAsync(StatusCode.InvalidArgument, "requester.reason: got 2000 bytes, expected at most 1024", () => models.LoadAsync(
            new LoadModelRequest { Version = 2, Requester = new Requester { Reason = new string('x', 2000) } }, deadline: Soon));
        await FailsAsync(StatusCode.NotFound, "model: got 'other', expected one of probe", () => models.UnloadAsync(new UnloadModelRequest { Model = "other", Version = 1 }, deadline: Soon));
        await FailsAsync(StatusCode.FailedPrecondition, "there is no trial to end", () => models.RollbackAsync(new RollbackModelRequest(), deadline: Soon));
        Assert.Equal((1, 0), ((await GetAsync(service)).BaseVersion, (await GetAsync(service)).Revision));
        Assert.False(File.Exists(Path.Combine(_repository.Path, Name, TrafficTable.FileName)));
    }

    // Whoever publishes without wanting to be served at once declares first what serves.
    [Fact]
    public async Task Promote_WhatServesUndeclared_DeclaresItOnce()
    {
        await using var service = await StartAsync(1);
        var models = new ModelsClient(service.Channel);

        var declared = await models.PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon);
        var again = (await Assert.ThrowsAsync<RpcException>(async () => await models.PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon))).Status;
        Publish(2);
        await Poll.UntilAsync(async () => (await GetAsync(service)).Versions.Count == 2, "version 2 is noticed");

        Assert.Equal((1, 1), (declared.Model.BaseVersion, declared.Model.Revision));
        Assert.Equal((StatusCode.FailedPrecondition, "version 1 is the base already"), (again.StatusCode, again.Detail));
        Assert.Equal((1, State.Available), ((await GetAsync(service)).BaseVersion, (await GetAsync(service)).Versions[1].State));
    }

    [Fact]
    public async Task Unload_OfWhatSettingsPin_SaysSo()
    {
        Publish(2);
        await using var service = await StartAsync(1, $"PinnedVersions:{Name}:0=1");
        await Poll.UntilAsync(async () => (await GetAsync(service)).Versions[0].State == State.Ready, "it is loaded");
        var status = (await Assert.ThrowsAsync<RpcException>(async () =>
            await new ModelsClient(service.Channel).UnloadAsync(new UnloadModelRequest { Version = 1 }, deadline: Soon))).Status;
        Assert.Equal(
            (StatusCode.FailedPrecondition, "version 1 is loaded because setting Serving:PinnedVersions:probe names it, which no call changes"), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task Storage_BrokenTableOrLostRepository_WhatServesGoesOnServing()
    {
        await using var service = await StartAsync(1);
        Declare(1);
        Publish(2);
        await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Version = 2 }, deadline: Soon);
        var table = Path.Combine(_repository.Path, Name, TrafficTable.FileName);
        var good = await File.ReadAllTextAsync(table);
        await File.WriteAllTextAsync(table, "{");

        await Poll.UntilAsync(async () => (await GetAsync(service)).Problem.Contains("not a table", StringComparison.Ordinal), "the problem is told");
        Assert.Equal(2, (await RankAsync(service)).Version);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);

        await File.WriteAllTextAsync(table, good);
        await Poll.UntilAsync(async () => (await GetAsync(service)).Problem.Length == 0, "it can be read again");
        Directory.Move(_repository.Path, _repository.Path + "-lost");
        await Poll.UntilAsync(async () => (await GetAsync(service)).Versions.All(version => version.Version is 1 or 2), "it was looked for");
        Assert.Equal(2, (await RankAsync(service)).Version);
        Directory.Move(_repository.Path + "-lost", _repository.Path);
    }

    [Fact]
    public async Task Load_ForPins_AnswersAndUnloadLetsItGo()
    {
        Publish(2);
        await using var service = await StartAsync(1);
        var models = new ModelsClient(service.Channel);
        await VersionAsync(service, 2);
        await models.LoadAsync(new LoadModelRequest { Version = 1 }, deadline: Soon);
        Assert.Equal(Arm.Pinned, (await RankAsync(service, version: 1)).Arm);

        await models.UnloadAsync(new UnloadModelRequest { Version = 1 }, deadline: Soon);

        var error = await Assert.ThrowsAsync<RpcException>(() => RankAsync(service, version: 1));
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
    }

    [Fact]
    public async Task Watch_Changes_AreSeenUntilTheServiceGoesDown()
    {
        await using var service = await StartAsync(1);
        using var watch = new ModelsClient(service.Channel).Watch(new WatchModelsRequest { Model = Name }, deadline: Soon);
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(1, watch.ResponseStream.Current.BaseVersion);

        Publish(2);
        while (watch.ResponseStream.Current.BaseVersion != 2)
        {
            Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        }

        service.Terminate();
        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            // What it still had to say.
        }

        Assert.Equal(0, await service.ExitAsync());
    }

    [Fact]
    public async Task AdminToken_Set_IsWanted()
    {
        Publish(1);
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "AdminToken=secret");
        var models = new ModelsClient(service.Channel);

        foreach (var headers in (Metadata?[])[null, new Metadata { { "authorization", "Bearer secres" } }, new Metadata { { "authorization", "secret" } }])
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await models.ListAsync(new ListModelsRequest(), headers, Soon));
            Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
            Assert.DoesNotContain("secret'", error.Status.Detail, StringComparison.Ordinal);
        }

        var deletion = await Assert.ThrowsAsync<RpcException>(async () => await new Feedback.FeedbackClient(service.Channel).DeleteUserAsync(new DeleteUserRequest { UserKey = "u" }, deadline: Soon));
        Assert.Equal(StatusCode.Unauthenticated, deletion.StatusCode);
        Assert.Single((await models.ListAsync(new ListModelsRequest(), new Metadata { { "authorization", "Bearer secret" } }, Soon)).Models);
        Assert.Equal(1, (await RankAsync(service)).Version);
    }

    [Fact]
    public async Task Retention_MoreVersionsThanToKeep_DeletesOldOnesWithoutTraffic()
    {
        await using var service = await StartAsync(1, "Rollout:KeepVersions=3");
        for (var version = 2; version <= 6; version++)
        {
            Publish(version);
            await VersionAsync(service, version);
        }

        await Poll.UntilAsync(() => Task.FromResult(new ModelRepository(_repository.Path).Versions(Name).SequenceEqual([4, 5, 6])), "three are left");
        Assert.Equal((6, 5), ((await GetAsync(service)).BaseVersion, (await GetAsync(service)).PreviousVersion));

        // Tried out and dropped, newer ones go too, but for the newest, whose number would be given again.
        var models = new ModelsClient(service.Channel);
        await models.PromoteAsync(new PromoteModelRequest { Version = 6 }, deadline: Soon);
        for (var version = 7; version <= 9; version++)
        {
            Publish(version);
            await models.SetCanaryAsync(new SetCanaryRequest { Version = version, Percent = 10 }, deadline: Soon);
            await models.RollbackAsync(new RollbackModelRequest(), deadline: Soon);
        }

        await Poll.UntilAsync(() => Task.FromResult(new ModelRepository(_repository.Path).Versions(Name).SequenceEqual([5, 6, 9])), "three are left again");
    }

    [Fact]
    public async Task Retention_MoreBytesThanToKeep_DeletesAllWithoutTraffic()
    {
        await using var service = await StartAsync(1, "Rollout:KeepBytes=1");
        for (var version = 2; version <= 4; version++)
        {
            Publish(version);
            await VersionAsync(service, version);
        }

        await Poll.UntilAsync(() => Task.FromResult(new ModelRepository(_repository.Path).Versions(Name).SequenceEqual([3, 4])), "the base and the one before it are left");
        Assert.Equal(4, (await RankAsync(service)).Version);
    }

    [Fact]
    public async Task Guard_CanaryThatFails_LosesItsTrafficByItself()
    {
        ProbeModel.Publish(_repository.Path, ProbeModel.Failing, 1);
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "Rollout:Guard:MinRequests=20");
        // Of the two only the users on trial get a score that is no number.
        ProbeModel.Publish(_repository.Path, ProbeModel.Failing, 2);
        await VersionAsync(service, 2, ProbeModel.Failing);
        var models = new ModelsClient(service.Channel);
        await models.PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon);
        await models.SetCanaryAsync(new SetCanaryRequest { Version = 2, Percent = 50 }, deadline: Soon);
        var scoring = new ScoringClient(service.Channel);
        var failed = 0;
        await Poll.UntilAsync(
            async () =>
            {
                for (var user = 0; user < 20; user++)
                {
                    var isOnTrial = (await ArmAsync(service, $"{user}", ProbeModel.Failing)).Arm == Arm.Canary;
                    try
                    {
                        await scoring.RankAsync(Request($"{user}", ProbeModel.Failing, isOnTrial ? float.NaN : 0.5f), deadline: Soon);
                    }
                    catch (RpcException error) when (error.StatusCode == StatusCode.Internal)
                    {
                        failed++;
                    }
                }

                return (await GetAsync(service, ProbeModel.Failing)).CanaryVersion == 0;
            },
            "the guard acts");

        Assert.True(failed >= 10);
        await TakenBackByGuardAsync(models, "version 2: errors: ");
        Assert.Equal((1, Arm.Base), await ArmAsync(service, "3", ProbeModel.Failing));
        // The lines of version 2 stay while it is loaded.
        Assert.Equal(failed, await service.MetricAsync("pantheon_version_failures_total"));
        Assert.True(await service.MetricAsync("pantheon_version_requests_total") > failed);
        Assert.True(await service.MetricAsync("pantheon_version_run_seconds_total") > 0);
    }

    [Theory]
    [InlineData(4000, new[] { 0f, 1 }, "latency: its graph takes ")]
    [InlineData(0, new[] { 0.5f }, "scores: all ")]
    [InlineData(0, new[] { 10f, 11 }, "scores: their mean is ")]
    [InlineData(0, new[] { -5f, 6 }, "scores: their standard deviation is ")]
    public async Task Guard_CanaryThatIsSlowOrScoresOtherwise_LosesItsTrafficByItself(long rounds, float[] x, string reason)
    {
        ProbeModel.Publish(_repository.Path, ProbeModel.Words, 1);
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "Rollout:Guard:MinRequests=20");
        ProbeModel.Publish(_repository.Path, ProbeModel.Words, 2);
        await VersionAsync(service, 2, ProbeModel.Words);
        var models = new ModelsClient(service.Channel);
        await models.PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon);
        await models.SetCanaryAsync(new SetCanaryRequest { Version = 2, Percent = 50 }, deadline: Soon);
        var scoring = new ScoringClient(service.Channel);
        // Both versions are one graph; what users of either ask makes the difference.
        var arms = new Arm[20];
        for (var user = 0; user < arms.Length; user++)
        {
            arms[user] = (await scoring.RankAsync(Words(user, 0, [0.5f]), deadline: Soon)).Arm;
        }

        await Poll.UntilAsync(
            async () =>
            {
                for (var user = 0; user < arms.Length; user++)
                {
                    await scoring.RankAsync(arms[user] == Arm.Canary ? Words(user, rounds, x) : Words(user, 0, [0, 1]), deadline: Soon);
                }

                return (await GetAsync(service, ProbeModel.Words)).CanaryVersion == 0;
            },
            "the guard acts");

        await TakenBackByGuardAsync(models, $"version 2: {reason}");
        Assert.Empty(service.Errors);

        static RankRequest Words(int user, long rounds, float[] x)
        {
            // Of one item, whose own share of the score is the same everywhere.
            var request = ProbeModel.RequestOfWords([.. x.Select(_ => "zero")]);
            request.UserKey = $"{user}";
            request.UserFeatures[0] = DemoModel.Feature("rounds", [rounds], ValueForm.Lists);
            request.CandidateFeatures[0] = DemoModel.Feature("x", x, ValueForm.Data);
            return request;
        }
    }

    [Fact]
    public async Task Guard_FreshBaseThatFails_GivesWayToTheOneBefore()
    {
        ProbeModel.Publish(_repository.Path, ProbeModel.Failing, 1);
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "Rollout:Guard:MinRequests=20");
        var models = new ModelsClient(service.Channel);
        await models.PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon);
        var scoring = new ScoringClient(service.Channel);
        for (var user = 0; user < 20; user++)
        {
            await scoring.RankAsync(Request($"{user}", ProbeModel.Failing), deadline: Soon);
        }

        ProbeModel.Publish(_repository.Path, ProbeModel.Failing, 2);
        await models.PromoteAsync(new PromoteModelRequest { Version = 2 }, deadline: Soon);
        await Poll.UntilAsync(
            async () =>
            {
                try
                {
                    await scoring.RankAsync(Request("u", ProbeModel.Failing, float.NaN), deadline: Soon);
                }
                catch (RpcException error) when (error.StatusCode == StatusCode.Internal)
                {
                    // What the guard is to see.
                }

                return (await GetAsync(service, ProbeModel.Failing)).BaseVersion == 1;
            },
            "the guard acts");

        await TakenBackByGuardAsync(models, "version 2: errors: ");
    }

    [Fact]
    public async Task Shadow_AShareOfTheRequests_IsComparedAndNeverAnswers()
    {
        Publish(2);
        await using var service = await StartAsync(1);
        var models = new ModelsClient(service.Channel);
        await models.PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon);
        await models.SetShadowAsync(new SetShadowRequest { Version = 2, Percent = 100 }, deadline: Soon);

        for (var user = 0; user < 50; user++)
        {
            Assert.Equal((1, Arm.Base), await ArmAsync(service, $"{user}"));
        }

        var model = await GetAsync(service);
        Assert.Equal((2, 100), (model.ShadowVersion, model.ShadowPercent));
        await Poll.UntilAsync(
            async () => await service.MetricAsync("pantheon_shadow_overlap_count") + await service.MetricAsync("pantheon_shadow_dropped_total") == 50, "all are compared or passed over");
        // It is the same graph: nothing differs.
        Assert.Equal(await service.MetricAsync("pantheon_shadow_overlap_count"), await service.MetricAsync("pantheon_shadow_overlap_sum"));
        Assert.Equal(0, await service.MetricAsync("pantheon_shadow_score_delta_sum"));
        Assert.Equal((long)await service.MetricAsync("pantheon_shadow_overlap_count"), (await GetAsync(service)).Versions[1].Total.Requests);
        await models.SetShadowAsync(new SetShadowRequest { Version = 2, Percent = 0 }, deadline: Soon);
        await Poll.UntilAsync(async () => (await GetAsync(service)).Versions[1].Role is VersionRole.Unspecified or VersionRole.Previous, "it is over");
        await service.IdleAsync();
        await NoErrorsAsync(service);
    }

    // On Linux a thread inherits the policy of whoever starts it: ONNX Runtime's threads that of the loader.
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Load_OnlyWhenIdle_LeavesNoneOfItToThreadsThatServe(int intraOpThreads, bool givesWay)
    {
        const int idle = 5;
        Publish(2);
        await using var service = await StartAsync(1, $"IntraOpThreads={intraOpThreads}");
        await VersionAsync(service, 2);
        await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon);
        await RankAsync(service);

        // proc(5), stat: the 41st field is the policy; the name is the second, in brackets.
        var threads = Directory.GetDirectories($"/proc/{service.Id}/task").Select(Stat).OfType<string>()
            .Select(stat => (Name: stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')], Policy: int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[38], CultureInfo.InvariantCulture)))
            .ToList();
        string[] expected = givesWay ? ["model loader", "shadow"] : ["shadow"];
        Assert.Equal(expected, threads.Where(thread => thread.Policy == idle).Select(thread => thread.Name).Order(StringComparer.Ordinal));

        static string? Stat(string task)
        {
            try
            {
                return File.ReadAllText(Path.Combine(task, "stat"));
            }
            catch (IOException)
            {
                // It ended meanwhile.
                return null;
            }
        }
    }

    // Callers that wait for their answers; ./measure.sh swap has an open loop.
    [Fact]
    public async Task Promote_UnderLoad_NoRequestFailsAndNoAnswerMixesVersions()
    {
        Publish(2);
        Publish(3);
        await using var service = await StartAsync(1);
        await VersionAsync(service, 3);
        var models = new ModelsClient(service.Channel);
        var digests = new System.Collections.Concurrent.ConcurrentDictionary<long, string>();
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(async caller =>
        {
            var done = 0;
            while (!stop.IsCancellationRequested)
            {
                var response = await RankAsync(service, user: $"{caller}-{done++}");
                Assert.Equal(response.BundleDigest, digests.GetOrAdd(response.Version, response.BundleDigest));
            }

            return done;
        }).ToList();
        for (var swap = 0; swap < 30; swap++)
        {
            // Three in a ring: the next one is always a version that was let go, and is loaded anew.
            var changed = await models.PromoteAsync(new PromoteModelRequest { Version = 1 + (swap % 3) }, deadline: Soon);
            Assert.Equal(1 + (swap % 3), changed.Model.BaseVersion);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(callers), done => Assert.True(done > 0));
        Assert.Equal(3, digests.Count);
        await service.IdleAsync();
        await NoErrorsAsync(service);
    }

    private static RankRequest Request(string user, string model = Name, float x = 0.5f, long version = 0)
    {
        var request = ProbeModel.Request(model, 0, x);
        (request.UserKey, request.Version) = (user, version);
        return request;
    }

    private static async Task<RankResponse> RankAsync(ServiceProcess service, string user = "", long version = 0) =>
        await new ScoringClient(service.Channel).RankAsync(Request(user, version: version), deadline: Soon);

    private static async Task<(long Version, Arm Arm)> ArmAsync(ServiceProcess service, string user, string model = Name)
    {
        var response = await new ScoringClient(service.Channel).RankAsync(Request(user, model), deadline: Soon);
        return (response.Version, response.Arm);
    }

    private static async Task<Model> GetAsync(ServiceProcess service, string model = Name) =>
        await new ModelsClient(service.Channel).GetAsync(new GetModelRequest { Model = model }, deadline: Soon);

    private static Task VersionAsync(ServiceProcess service, long version, string model = Name) =>
        Poll.UntilAsync(async () => (await GetAsync(service, model)).BaseVersion == version, $"version {version} serves");

    private static async Task TakenBackByGuardAsync(ModelsClient models, string reason)
    {
        var last = (await models.HistoryAsync(new ModelHistoryRequest { Limit = 1 }, deadline: Soon)).Changes[0];
        Assert.Equal(("rollback", "guard", 2), (last.Action, last.Requester, last.Version));
        Assert.StartsWith(reason, last.Reason, StringComparison.Ordinal);
    }

    private static Task NoErrorsAsync(ServiceProcess service)
    {
        Assert.Empty(service.Errors);
        return Task.CompletedTask;
    }

    // From here on the newest version does not serve by itself.
    private void Declare(long @base) => new ModelRepository(_repository.Path).Traffic(Name).Write(
        TrafficTable.Undeclared(@base + 1, null).Promote(@base, new TrafficAsk("test", "", DateTimeOffset.UtcNow)) with { Earlier = [] });

    private string Publish(long version, string? into = null) => ProbeModel.Publish(into ?? _repository.Path, Name, version);

    private async Task<ServiceProcess> StartAsync(long version, params string[] settings)
    {
        Publish(version);
        return await ServiceProcess.StartReadyAsync(_repository.Path, settings);
    }
}
