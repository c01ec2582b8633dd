using Grpc.Core;
using Pantheon.Contracts.Health.V1;
using ServingStatus = Pantheon.Contracts.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Pantheon.Serving.Health;

/// <summary>grpc.health.v1 for probes, load balancers and clients that route by it.</summary>
internal sealed class HealthService(HealthState state) : Contracts.Health.V1.Health.HealthBase
{
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        state.Current.Services.TryGetValue(request.Service, out ServiceHealth health)
            ? Task.FromResult(Response(StatusOf(health)))
            : throw new RpcException(new Status(StatusCode.NotFound, $"unknown service '{request.Service}'"));

    public override Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        HealthListResponse response = new();
        foreach ((string name, ServiceHealth health) in state.Current.Services)
        {
            response.Statuses.Add(name, Response(StatusOf(health)));
        }

        return Task.FromResult(response);
    }

    /// <summary>
    /// The status now and whenever it has changed; a slow reader is given the newest and misses those between. Ends with
    /// OK after the last status of a process that goes down, so that a watcher does not hold the drain up.
    /// </summary>
    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        try
        {
            ServingStatus? sent = null;
            while (true)
            {
                HealthSnapshot snapshot = state.Current;
                ServingStatus status = snapshot.Services.TryGetValue(request.Service, out ServiceHealth health)
                    ? StatusOf(health)
                    : ServingStatus.ServiceUnknown;
                if (status != sent)
                {
                    await responseStream.WriteAsync(Response(status), context.CancellationToken);
                    sent = status;
                }

                if (snapshot.Final)
                {
                    return;
                }

                await snapshot.Replaced.WaitAsync(context.CancellationToken);
            }
        }
        catch (Exception) when (context.CancellationToken.IsCancellationRequested)
        {
            // The watcher left, or its deadline passed; there is nobody to tell.
        }
    }

    private static ServingStatus StatusOf(ServiceHealth health) => health.Serving ? ServingStatus.Serving : ServingStatus.NotServing;

    private static HealthCheckResponse Response(ServingStatus status) => new() { Status = status };
}
