using Grpc.Core;
using Grpc.Net.Client;
using Pantheon.Contracts.V1;

namespace Pantheon.Cli.Models;

/// <summary>Calls of the Models service, and of Calibrations.</summary>
internal sealed class ModelsCall(Uri address, TimeSpan timeout, string token, Terminal terminal) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);

    private Contracts.V1.Models.ModelsClient Client => new(_channel);

    public Task<ListModelsResponse> ListAsync(CancellationToken cancellation) =>
        AskAsync((models, options) => models.ListAsync(new ListModelsRequest(), options), cancellation);

    /// <exception cref="CommandFailure">The status and message that the call ended with.</exception>
    public Task<T> AskAsync<T>(Func<Contracts.V1.Models.ModelsClient, CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellation) =>
        AskAsync(options => ask(Client, options), cancellation);

    /// <exception cref="CommandFailure">The status and message that the call ended with.</exception>
    public Task<ModelCalibration> CalibrateAsync(Func<Calibrations.CalibrationsClient, CallOptions, AsyncUnaryCall<ModelCalibration>> ask, CancellationToken cancellation) =>
        AskAsync(options => ask(new Calibrations.CalibrationsClient(_channel), options), cancellation);

    /// <summary>Prints each change until the user, or the service, has enough.</summary>
    public async Task WatchAsync(string model, Action<Terminal, Model> print, CancellationToken cancellation)
    {
        try
        {
            using var call = Client.Watch(new WatchModelsRequest { Model = model }, Options(null, cancellation));
            while (await call.ResponseStream.MoveNext(cancellation))
            {
                print(terminal, call.ResponseStream.Current);
            }
        }
        catch (Exception error) when (cancellation.IsCancellationRequested && error is RpcException or OperationCanceledException)
        {
            // The user has seen enough.
        }
        catch (RpcException error)
        {
            throw CallFailure.Of(error, address);
        }
    }

    public void Dispose() => _channel.Dispose();

    private async Task<T> AskAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellation)
    {
        try
        {
            using var call = ask(Options(DateTime.UtcNow + timeout, cancellation));
            return await call;
        }
        catch (RpcException error) when (!cancellation.IsCancellationRequested)
        {
            throw CallFailure.Of(error, address);
        }
    }

    private CallOptions Options(DateTime? deadline, CancellationToken cancellation) =>
        new(token.Length == 0 ? null : new Metadata { { "authorization", $"Bearer {token}" } }, deadline, cancellation);
}
