using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Observability;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Rollout;
using Pantheon.Serving.Calibration;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Exposures;
using Pantheon.Serving.Health;
using Pantheon.Serving.Models;
using Pantheon.Serving.Observability;
using Pantheon.Serving.Promotion;
using Pantheon.Serving.Ranking;

namespace Pantheon.Serving;

/// <summary>Composes the service: gRPC on one port, health and metrics on another.</summary>
internal static class ServingHost
{
    /// <summary>Builds the application from settings files, environment and <paramref name="args"/>.</summary>
    /// <param name="clock">What time it is; null: the machine's. A simulation has a calendar of its own.</param>
    /// <exception cref="ConfigurationException">It cannot start as configured.</exception>
    public static WebApplication Build(string[] args, TimeProvider? clock = null)
    {
        // Settings lie beside the program, wherever it is started from; the model repository is relative to the
        // working directory, as paths in a shell are.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var options = Read(builder.Configuration);
        // A run of a graph holds its thread: without room beside the runs, sockets would wait for the pool to grow.
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + options.Admission.Slots), completions);

        // Why the host did not start, Program says in one line; the host would say it in thirty.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.DrainDelaySeconds + options.ShutdownSeconds));
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxMessageBytes;
            // What may be asked for may be answered: every candidate with its Pxtrs is far smaller than the features were.
            grpc.MaxSendMessageSize = null;
        });
        // Through it the decoder finds the call that owns what it decodes.
        builder.Services.AddHttpContextAccessor();
        AddScoring(builder.Services, options, clock ?? TimeProvider.System);
        builder.Services.AddSingleton(services => HealthState.Of(services.GetRequiredService<ModelCatalog>().Models.Select(model => model.Name)));
        builder.Services.AddObservability();
        // Started first, stopped last of ours: readiness goes off before anything else ends.
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<Drain>());
        builder.Services.AddHostedService(static services => services.GetRequiredService<ExposureHost>());
        AddTraffic(builder.Services, options);
        builder.Services.AddSingleton<ModelHost>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<ModelHost>());
        builder.Services.AddHostedService<PromoterHost>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<CalibrationHost>());

        var app = builder.Build();
        // Its gauges are there from the first scrape on, not from the first request.
        _ = app.Services.GetRequiredService<ScoringMetrics>();
        _ = app.Services.GetRequiredService<CalibrationMetrics>();
        app.MapGrpcService<ScoringService>();
        app.MapGrpcService<ModelsService>();
        app.MapGrpcService<CalibrationService>();
        app.MapGrpcService<FeedbackService>();
        app.MapGrpcService<HealthService>();
        app.MapHealth();
        app.MapObservability();
        return app;
    }

    private static ServingOptions Read(ConfigurationManager configuration)
    {
        ServingOptions options;
        try
        {
            options = configuration.GetSection(ServingOptions.Section).Get<ServingOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new ServingOptions();
        }
        catch (InvalidOperationException error)
        {
            throw new ConfigurationException($"section {ServingOptions.Section}: {error.Message}{(error.InnerException is { } inner ? $" ({inner.Message})" : "")}");
        }

        return ServingOptionsValidator.Validate(options);
    }

    private static void AddScoring(IServiceCollection services, ServingOptions options, TimeProvider clock)
    {
        services.AddSingleton(clock);
        services.AddSingleton(options);
        services.AddSingleton(options.Limits);
        RankDecoder.Limits = options.Limits;
        services.AddSingleton(options.Admission);
        services.AddSingleton(new GraphSessionOptions { IntraOpThreads = options.IntraOpThreads });
        services.AddSingleton(PinnedPool.Shared);
        var repository = ModelRepository.Of(options.ModelRepository, options.S3);
        // Which models there are has to be known before anything listens.
        repository.RefreshAsync(CancellationToken.None).GetAwaiter().GetResult();
        services.AddSingleton(repository);
        services.AddSingleton(ModelHost.CreateCatalog(options, repository));
        services.AddSingleton(options.Calibration);
        services.AddSingleton<FrozenBaselines>();
        services.AddSingleton<SharedMoments>();
        services.AddSingleton<CalibrationHost>();
        services.AddSingleton<CalibrationMetrics>();
        services.AddSingleton<CalibrationService>();
        services.AddSingleton<ModelLoader>();
        services.AddSingleton<LoaderThread>();
        services.AddSingleton<RepositoryRetention>();
        services.AddSingleton<SelfWarmUp>();
        services.AddSingleton<AdmissionGate>();
        services.AddSingleton<ScoringMetrics>();
        services.AddSingleton(options.Exploration);
        services.AddSingleton<ExposureHost>();
        services.AddSingleton<IRankingSink>(static services => services.GetRequiredService<ExposureHost>());
        services.AddSingleton(static services => new ShadowScorer(
            static request => RankDecoder.DecodeRequest(new ReadOnlySequence<byte>(request), RankQueryPool.Shared),
            services.GetRequiredService<EngineOptions>(),
            services.GetRequiredService<AdmissionGate>(),
            services.GetRequiredService<ScoringMetrics>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<ShadowScorer>>()));
        services.AddSingleton<ScoringEngine>();
        services.AddSingleton<FeedbackService>();
        services.AddSingleton<ScoringService>();
        services.AddSingleton<ModelsService>();
    }

    // Between the store that it may need and the rollouts that need it. Baselines are where the tables are.
    private static void AddTraffic(IServiceCollection services, ServingOptions options)
    {
        if (options.Rollout.Table == TrafficTableKind.File)
        {
            services.AddSingleton<ITrafficTables, TrafficFiles>();
            services.AddSingleton<IBaselines, BaselineFiles>();
            return;
        }

        services.AddSingleton<IBaselines, StoredBaselines>();
        services.AddSingleton<StoredTraffic>();
        services.AddSingleton<ITrafficTables>(static services => services.GetRequiredService<StoredTraffic>());
        services.AddHostedService(static services => services.GetRequiredService<StoredTraffic>());
    }

    private static void Listen(KestrelServerOptions kestrel, ServingOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Parse(options.GrpcAddress), options.GrpcPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(LingeringClose.Wrap);
        });
        kestrel.Listen(IPAddress.Parse(options.HttpAddress), options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
        // Kestrel's own body limit would cut long streams; message sizes are gRPC's business.
        kestrel.Limits.MaxRequestBodySize = null;
        // One gateway connection carries many requests: the defaults (768 KB a connection) would stall on bodies.
        kestrel.Limits.Http2.InitialStreamWindowSize = 1 << 20;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 16 << 20;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
    }
}
