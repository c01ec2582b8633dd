using System.Diagnostics;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Sessions;

public sealed class GraphRunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Execute_AnyLength_WritesInPlace(int candidates)
    {
        using var session = SessionFixture.Load("echo");
        using var x = new Pinned<float>([.. Enumerable.Range(0, candidates).Select(i => i / 8f)]);
        using var score = new Pinned<float>(new float[candidates]);
        using var run = session.Rent();
        run.BindInput(0, x.Address, [0], 0, candidates);
        run.BindOutput(0, score.Address, [0], 0, candidates);
        Assert.True(run.Execute());
        Assert.Equal(x.Values, score.Values);
    }

    [Fact]
    public void Execute_SameRunAgainAndAgain_TakesEachBinding()
    {
        using var session = SessionFixture.Load("echo");
        for (var candidates = 1; candidates < 60; candidates++)
        {
            using var x = new Pinned<float>([.. Enumerable.Repeat((float)candidates, candidates)]);
            using var score = new Pinned<float>(new float[candidates + 1]);
            using var run = session.Rent();
            // The last binding counts.
            run.BindInput(0, score.Address, [0], 0, 1);
            run.BindInput(0, x.Address, [0], 0, candidates);
            run.BindOutput(0, score.Address, [0], 0, candidates);
            Assert.True(run.Execute());
            Assert.Equal([.. x.Values, 0f], score.Values);
        }
    }

    [Fact]
    public void Execute_OutputBoundWithAnotherLength_Throws()
    {
        using var session = SessionFixture.Load("echo");
        using var x = new Pinned<float>(1, 2, 3);
        using var score = new Pinned<float>(new float[4]);
        using var run = session.Rent();
        run.BindInput(0, x.Address, [0], 0, 3);
        run.BindOutput(0, score.Address, [0], 0, 4);
        Assert.Throws<GraphException>(() => run.Execute());
    }

    [Fact]
    public void Execute_GraphFails_ThrowsAndTheRunCanBeUsedAgain()
    {
        using var session = SessionFixture.Load("rank");
        using var user = new Pinned<long>(3);
        using var userDense = new Pinned<float>(0, 0, 0, 0);
        using var items = new Pinned<long>(5, 100);
        using var itemDense = new Pinned<float>(1, 2, 3, 4);
        using var score = new Pinned<float>(0, 0);
        using var pxtr = new Pinned<float>(0, 0, 0, 0);
        foreach (var (id, works) in new[] { (100L, false), (99L, true) })
        {
            items.Values[1] = id;
            using var run = session.Rent();
            run.BindInput(0, user.Address, [1], -1, 0);
            run.BindInput(1, userDense.Address, [1, 4], -1, 0);
            run.BindInput(2, items.Address, [0], 0, 2);
            run.BindInput(3, itemDense.Address, [0, 2], 0, 2);
            run.BindOutput(0, score.Address, [0], 0, 2);
            run.BindOutput(1, pxtr.Address, [0, 2], 0, 2);
            if (works)
            {
                Assert.True(run.Execute());
                Assert.All(pxtr.Values, value => Assert.InRange(value, 0.001f, 0.999f));
            }
            else
            {
                Assert.Throws<GraphException>(() => run.Execute());
            }
        }
    }

    [Fact]
    public async Task Terminate_WhileRunning_StopsSoon()
    {
        using var session = SessionFixture.Load("slow");
        using var slow = new SlowRun(session, 1L << 40);
        var running = Task.Factory.StartNew(slow.Execute, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Assert.ThrowsAsync<TimeoutException>(() => running.WaitAsync(TimeSpan.FromMilliseconds(50)));
        var stopwatch = Stopwatch.StartNew();
        slow.Run.Terminate();
        Assert.False(await running.WaitAsync(Patience));
        Assert.InRange(stopwatch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Terminate_BeforeExecute_NeverStarts()
    {
        using var session = SessionFixture.Load("slow");
        using var slow = new SlowRun(session, 1L << 40);
        slow.Run.Terminate();
        Assert.False(slow.Execute());
    }

    [Fact]
    public void Dispose_AfterTerminate_LeavesAUsableRun()
    {
        using var session = SessionFixture.Load("slow");
        using (var stopped = new SlowRun(session, 1L << 40))
        {
            stopped.Run.Terminate();
            Assert.False(stopped.Execute());
        }

        using var next = new SlowRun(session, 2);
        Assert.True(next.Execute());
        var once = MathF.Tanh(0.5f) + 0.25f;
        Assert.Equal(MathF.Tanh(once) + 0.25f, next.Score, 1e-6f);
    }

    [Fact]
    public void Terminate_AfterTheEnd_HasNoEffect()
    {
        using var session = SessionFixture.Load("slow");
        using var slow = new SlowRun(session, 1);
        Assert.True(slow.Execute());
        slow.Run.Terminate();
        Assert.Equal(MathF.Tanh(0.5f) + 0.25f, slow.Score, 1e-6f);
    }

    // Given back twice, a run would be rented by two, who then bind over each other.
    [Fact]
    public void Dispose_Twice_IsRefused()
    {
        using var session = SessionFixture.Load("echo");
        var run = session.Rent();
        run.Dispose();
        Assert.Throws<InvalidOperationException>(run.Dispose);
        using var first = session.Rent();
        using var second = session.Rent();
        Assert.NotSame(first, second);
    }

    [Fact]
    public async Task Execute_ManyThreads_KeepsRunsApart()
    {
        using var session = SessionFixture.Load("echo");
        await Task.WhenAll(Enumerable.Range(1, 8).Select(worker => Task.Run(() =>
        {
            using var x = new Pinned<float>(worker, -worker, worker / 2f);
            using var score = new Pinned<float>(0, 0, 0);
            for (var i = 0; i < 500; i++)
            {
                score.Values.AsSpan().Clear();
                using var run = session.Rent();
                run.BindInput(0, x.Address, [0], 0, 3);
                run.BindOutput(0, score.Address, [0], 0, 3);
                if (i % 5 == 0)
                {
                    // Stopping one must stop no other.
                    run.Terminate();
                    Assert.False(run.Execute());
                    continue;
                }

                Assert.True(run.Execute());
                Assert.Equal(x.Values, score.Values);
            }
        })));
    }

    private sealed class SlowRun : IDisposable
    {
        private readonly Pinned<long> _rounds;
        private readonly Pinned<float> _x = new(0.5f);
        private readonly Pinned<float> _score = new(0f);

        public SlowRun(GraphSession session, long rounds)
        {
            _rounds = new Pinned<long>(rounds);
            Run = session.Rent();
            Run.BindInput(0, _rounds.Address, [1], -1, 0);
            Run.BindInput(1, _x.Address, [0], 0, 1);
            Run.BindOutput(0, _score.Address, [0], 0, 1);
        }

        public GraphRun Run { get; }

        public float Score => _score.Values[0];

        public bool Execute() => Run.Execute();

        public void Dispose()
        {
            Run.Dispose();
            _rounds.Dispose();
            _x.Dispose();
            _score.Dispose();
        }
    }
}
