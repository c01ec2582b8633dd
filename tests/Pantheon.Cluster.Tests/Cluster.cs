using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using ModelsClient = Pantheon.Contracts.V1.Models.ModelsClient;

namespace Pantheon.Cluster.Tests;

/// <summary>Three replicas that share a folder of models and a PostgreSQL, behind a proxy.</summary>
public class Cluster : IAsyncLifetime
{
    /// <summary>The model, in versions 1 to <see cref="Versions"/>.</summary>
    public const string Model = "probe";

    public const long Versions = 6;

    /// <summary>The replica in which few rankings may wait for the database, so that a test sees them dropped.</summary>
    public const int Forgetful = 0;

    private const int Waiting = 32;

    private const int Replicas = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly List<(int Grpc, int Http)> _ports = [];
    private readonly List<ServiceProcess> _replicas = [];
    private PostgresServer? _postgres;
    private Proxy? _proxy;

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    internal PostgresServer Postgres => _postgres!;

    internal Proxy Proxy => _proxy!;

    internal string Database { get; private set; } = "";

    internal IReadOnlyList<ServiceProcess> All => _replicas;

    /// <summary>A place of this cluster's own.</summary>
    internal string this[string name] => _folder[name];

    /// <summary>The model that is asked about.</summary>
    protected virtual string Served => Model;

    public async Task InitializeAsync()
    {
        if (ForeignTools.Find(Tool.Postgres) is null || ForeignTools.Find(Tool.Haproxy) is null)
        {
            return;
        }

        Publish(_folder["models"]);
        _postgres = await PostgresServer.CreateAsync();
        Database = await _postgres.CreateDatabaseAsync();
        var ports = FreePorts((2 * Replicas) + 1);
        for (var replica = 0; replica < Replicas; replica++)
        {
            _ports.Add((ports[2 * replica], ports[(2 * replica) + 1]));
        }

        _replicas.AddRange(await Task.WhenAll(Enumerable.Range(0, Replicas).Select(StartAsync)));
        _proxy = await Proxy.StartAsync(ports[^1], _ports);
    }

    public async Task DisposeAsync()
    {
        foreach (var part in (IAsyncDisposable?[])[_proxy, .. _replicas, _postgres])
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        _folder.Dispose();
    }

    /// <summary>What changes and shows what one replica serves.</summary>
    internal ModelsClient Models(int replica) => new(_replicas[replica].Channel);

    /// <summary>How things stand for one replica.</summary>
    internal async Task<Model> GetAsync(int replica) => await Models(replica).GetAsync(new GetModelRequest { Model = Served }, deadline: Soon);

    /// <summary>The version serves everywhere, and nothing is tried out.</summary>
    internal async Task SettleAsync(long version)
    {
        // A test before this one may have failed in the middle.
        await Postgres.StartAsync();
        await Poll.UntilAsync(async () => (await GetAsync(0)).Problem.Length == 0, "the table is known");
        var now = await GetAsync(0);
        if (now.CanaryVersion != 0)
        {
            await Models(0).RollbackAsync(new RollbackModelRequest { Model = Model }, deadline: Soon);
        }

        if (now.BaseVersion != version)
        {
            await Models(0).PromoteAsync(new PromoteModelRequest { Model = Model, Version = version }, deadline: Soon);
        }

        await AgreeAsync(model => model.BaseVersion == version && model.CanaryVersion == 0);
        await StoredAsync();
    }

    /// <summary>Waits until no ranking waits for the database.</summary>
    internal Task StoredAsync() => Poll.UntilAsync(async () => await MetricAsync("pantheon_exposures_queue_length") == 0, "what waited is stored");

    /// <summary>Waits until all replicas say so.</summary>
    /// <returns>How long that took.</returns>
    internal async Task<TimeSpan> AgreeAsync(Func<Model, bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Replicas).Select(replica => Poll.UntilAsync(
            async () => await GetAsync(replica) is { Problem.Length: 0 } model && condition(model), $"replica {replica} follows")));
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>kill -9 of a replica.</summary>
    internal Task KillAsync(int replica) => _replicas[replica].DisposeAsync().AsTask();

    /// <summary>Starts a replica, where it was before, and waits until it is ready.</summary>
    internal async Task RestartAsync(int replica) => _replicas[replica] = await StartAsync(replica);

    /// <summary>Waits until the proxy sends requests to a replica.</summary>
    internal async Task TakesTrafficAsync(int replica)
    {
        var before = await _replicas[replica].MetricAsync("pantheon_requests_total");
        await Poll.UntilAsync(async () => await _replicas[replica].MetricAsync("pantheon_requests_total") > before, $"replica {replica} takes traffic");
    }

    /// <summary>Sum of a metric over the replicas.</summary>
    internal async Task<double> MetricAsync(string name) => (await Task.WhenAll(_replicas.Select(replica => replica.MetricAsync(name)))).Sum();

    /// <summary>Makes the models.</summary>
    protected virtual void Publish(string models)
    {
        for (var version = 1; version <= Versions; version++)
        {
            ProbeModel.Publish(models, Model, version);
        }
    }

    /// <summary>What a replica has besides what all need.</summary>
    protected virtual string[] Settings(int replica) => replica == Forgetful ? [string.Create(CultureInfo.InvariantCulture, $"Exposures:Log:Capacity={Waiting}")] : [];

    private static List<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }

    private Task<ServiceProcess> StartAsync(int replica) => ServiceProcess.StartReadyAsync(
        _folder["models"],
        [
            string.Create(CultureInfo.InvariantCulture, $"GrpcPort={_ports[replica].Grpc}"),
            string.Create(CultureInfo.InvariantCulture, $"HttpPort={_ports[replica].Http}"),
            "Rollout:Table=Store",
            $"Rollout:TableCopy={_folder[$"replica-{replica}.json"]}",
            "Exposures:Store=Postgres",
            $"Exposures:ConnectionString={Database}",
            // Longer than the proxy takes to notice that a replica is no longer ready.
            "DrainDelaySeconds=2",
            .. Settings(replica),
        ]);
}
