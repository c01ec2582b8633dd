using System.Collections.Concurrent;
using Grpc.Core;
using Pantheon.Grpc.Tests.Protos;

namespace Pantheon.Grpc.Tests.Server;

/// <summary>Handlers that go on after their deadline has ended the call: no fault of theirs, so no error in the log.</summary>
public sealed class LateHandlerTests
{
    [Fact]
    public async Task Unary_AnswersAfterTheDeadline_NoError() => Assert.Empty(await ErrorsOfAsync("Unary", new Ask()));

    // Upstream logs the refusal of the stream as an error.
    [Theory, Trait("Upstream", "differs")]
    [InlineData("ServerStream")]
    [InlineData("Duplex")]
    public async Task Stream_UsedAfterTheDeadline_NoError(string method) => Assert.Empty(await ErrorsOfAsync(method, new Ask()));

    [Fact]
    public async Task Unary_FailsAfterTheDeadline_Error()
    {
        var error = Assert.Single(await ErrorsOfAsync("Unary", new Ask { Act = Act.Throw, Text = "a fault" }));
        Assert.Equal("a fault", Assert.IsType<InvalidOperationException>(error).Message);
    }

    /// <summary>The exceptions logged as errors when a call has passed its deadline and its handler has returned.</summary>
    private static async Task<IEnumerable<Exception?>> ErrorsOfAsync(string method, Ask ask)
    {
        using var errors = new ErrorLog();
        var service = new LateService();
        var handled = new SemaphoreSlim(0);
        await using var server = await ProbeServer.StartAsync(
            map: app =>
            {
                app.Use(async (http, next) =>
                {
                    await next(http);
                    handled.Release();
                });
                app.MapGrpcService<LateService>();
            },
            services: services => services.AddSingleton<ILoggerProvider>(errors).AddSingleton(service));
        using var http = Frames.Http();

        // A deadline may pass before a cold server has come as far as the handler.
        for (var timeout = 50; !service.Reached; timeout *= 2)
        {
            var request = Frames.Request(server.Address, Frames.Frame(ask), $"/pantheon.grpctests.Probe/{method}");
            request.Headers.TryAddWithoutValidation("grpc-timeout", $"{timeout}m");
            using var response = await http.SendAsync(request).WaitAsync(Time.Limit);
            Assert.Equal("4", (await Frames.ReadAsync(response)).Status);
            Assert.True(await handled.WaitAsync(Time.Limit));
        }

        return errors.Exceptions;
    }

    private sealed class LateService : Probe.ProbeBase
    {
        public bool Reached { get; private set; }

        public override async Task<Answer> Unary(Ask request, ServerCallContext context)
        {
            await DeadlineAsync(context);
            return request.Act == Act.Throw ? throw new InvalidOperationException(request.Text) : new Answer();
        }

        public override async Task ServerStream(Ask request, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
        {
            await DeadlineAsync(context);
            await responseStream.WriteAsync(new Answer());
        }

        public override async Task Duplex(
            IAsyncStreamReader<Ask> requestStream, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
        {
            await DeadlineAsync(context);
            await requestStream.MoveNext();
        }

        private async Task DeadlineAsync(ServerCallContext context)
        {
            Reached = true;
            var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = context.CancellationToken.Register(passed.SetResult);
            await passed.Task.WaitAsync(Time.Limit);
        }
    }

    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<Exception?> _exceptions = new();

        public IEnumerable<Exception?> Exceptions => _exceptions;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                _exceptions.Enqueue(exception);
            }
        }

        public void Dispose()
        {
        }
    }
}
