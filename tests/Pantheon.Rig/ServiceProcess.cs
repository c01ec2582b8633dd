using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Grpc.Net.Client;

namespace Pantheon.Rig;

/// <summary>The service as its own process on free ports of the loopback.</summary>
public sealed partial class ServiceProcess : IAsyncDisposable
{
    private const int TerminateSignal = 15;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<(Uri Grpc, Uri Http)> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Task _read;
    private GrpcChannel? _channel;
    private Uri? _grpc;

    private ServiceProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _read = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <summary>Where gRPC listens, as host:port.</summary>
    public string Target => _grpc!.Authority;

    /// <summary>Where health and metrics listen.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>One connection to it.</summary>
    public GrpcChannel Channel => _channel ??= NewChannel();

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>What it has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Lines that announce a logged error.</summary>
    public IReadOnlyList<string> Errors =>
        [.. Output.Split('\n').Where(line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal)
            || line.StartsWith("Unhandled", StringComparison.Ordinal))];

    /// <summary>Starts it; does not wait for anything.</summary>
    /// <param name="repository">Model repository.</param>
    /// <param name="settings">Settings below Serving, such as <c>MaxMessageBytes=1024</c>; they win over the ports chosen here.</param>
    public static ServiceProcess Launch(string repository, params string[] settings)
    {
        string[] all = [$"ModelRepository={repository}", "GrpcPort=0", "HttpPort=0", .. settings];
        var start = new ProcessStartInfo(SourceTree.Service, all.Select(setting => $"--Serving:{setting}"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("Serving__", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("Logging__", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        return new ServiceProcess(start);
    }

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<ServiceProcess> StartAsync(string repository, params string[] settings)
    {
        var service = Launch(repository, settings);
        try
        {
            (service._grpc, service.Http) = await service._listening.Task.WaitAsync(Poll.Limit);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<ServiceProcess> StartReadyAsync(string repository, params string[] settings)
    {
        var service = await StartAsync(repository, settings);
        await service.ReadyAsync();
        return service;
    }

    /// <summary>Waits until /readyz says so.</summary>
    public Task ReadyAsync() => Poll.UntilAsync(
        async () =>
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"the service has ended: {Output}");
            }

            return (await GetAsync("/readyz")).Status == HttpStatusCode.OK;
        },
        "/readyz");

    /// <summary>Another connection to it.</summary>
    public GrpcChannel NewChannel() => GrpcChannel.ForAddress(_grpc!, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = 64 << 20,
        MaxSendMessageSize = 64 << 20,
    });

    /// <summary>Gets a page of the HTTP port.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(Http, path));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sum of a metric over all its labels; 0 if there is none of that name.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var (_, text) = await GetAsync("/metrics");
        return text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Waits until no request holds memory, a slot or a place in the queue.</summary>
    public async Task IdleAsync()
    {
        foreach (var gauge in (string[])["pantheon_requests_running", "pantheon_queue_length", "pantheon_buffers_rented_bytes"])
        {
            await Poll.UntilAsync(async () => await MetricAsync(gauge) == 0, $"{gauge} is 0");
        }
    }

    /// <summary>Waits until so many requests hold a slot.</summary>
    public Task RunningAsync(int requests) =>
        Poll.UntilAsync(async () => await MetricAsync("pantheon_requests_running") == requests, $"{requests} requests run");

    /// <summary>SIGTERM.</summary>
    public void Terminate() => _ = Kill(_process.Id, TerminateSignal);

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Poll.Limit);
        await _read.WaitAsync(Poll.Limit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await ExitAsync();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        Uri? first = null;
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.Append(line).Append('\n');
            }

            // Kestrel tells its addresses in the order in which they were given: gRPC, then HTTP.
            if (Listening().Match(line) is { Success: true } match)
            {
                var address = new Uri(match.Groups[1].Value);
                if (first is null)
                {
                    first = address;
                }
                else
                {
                    _listening.TrySetResult((first, address));
                }
            }
        }

        // Of the two streams the one that ends without addresses must not hide those of the other.
        if (reader == _process.StandardOutput)
        {
            _listening.TrySetException(new InvalidOperationException("the service ended before it listened"));
            _ = _listening.Task.Exception;
        }
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Listening();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
