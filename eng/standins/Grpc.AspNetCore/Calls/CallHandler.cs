using Grpc.AspNetCore.Server.Binding;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One method's endpoint.</summary>
internal abstract class CallHandler(CallSettings settings, ILogger logger)
{
    public Task HandleAsync(HttpContext http) =>
        HttpAnswers.AcceptsAsGrpc(http, logger) ? CallAsync(http) : Task.CompletedTask;

    /// <summary>Reads, calls the service, writes.</summary>
    protected abstract Task RunAsync(HttpContext http, HttpServerCallContext call);

    private async Task CallAsync(HttpContext http)
    {
        var call = new HttpServerCallContext(http, settings, logger);
        try
        {
            call.Start();
            await RunAsync(http, call);
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }

        await call.EndAsync();
    }
}

internal sealed class UnaryCall<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    Func<TService, TRequest, ServerCallContext, Task<TResponse>> invoke,
    ServiceActivator<TService> activator,
    CallSettings settings,
    ILogger logger) : CallHandler(settings, logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpContext http, HttpServerCallContext call)
    {
        var request = await call.Reader.ReadSingleAsync(call.Body, method.RequestMarshaller.ContextualDeserializer);
        var service = activator.Create(http.RequestServices, out var ours);
        TResponse? response;
        try
        {
            response = await invoke(service, request, call);
        }
        finally
        {
            if (ours)
            {
                await ServiceActivator<TService>.ReleaseAsync(service);
            }
        }

        await call.TryWriteAnswerAsync(response, method);
    }
}

internal sealed class ServerStreamingCall<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task> invoke,
    ServiceActivator<TService> activator,
    CallSettings settings,
    ILogger logger) : CallHandler(settings, logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpContext http, HttpServerCallContext call)
    {
        var request = await call.Reader.ReadSingleAsync(call.Body, method.RequestMarshaller.ContextualDeserializer);
        var responses = new ResponseStream<TResponse>(call, method.ResponseMarshaller.ContextualSerializer);
        var service = activator.Create(http.RequestServices, out var ours);
        try
        {
            await invoke(service, request, responses, call);
        }
        finally
        {
            responses.Complete();
            if (ours)
            {
                await ServiceActivator<TService>.ReleaseAsync(service);
            }
        }
    }
}

internal sealed class DuplexStreamingCall<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> invoke,
    ServiceActivator<TService> activator,
    CallSettings settings,
    ILogger logger) : CallHandler(settings, logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpContext http, HttpServerCallContext call)
    {
        LiftBodyLimits(http);
        var requests = new RequestStream<TRequest>(call, method.RequestMarshaller.ContextualDeserializer);
        var responses = new ResponseStream<TResponse>(call, method.ResponseMarshaller.ContextualSerializer);
        var service = activator.Create(http.RequestServices, out var ours);
        try
        {
            await invoke(service, requests, responses, call);
        }
        finally
        {
            requests.Complete();
            responses.Complete();
            if (ours)
            {
                await ServiceActivator<TService>.ReleaseAsync(service);
            }
        }
    }

    /// <summary>A stream may be slow and long; Kestrel's limits are meant for uploads.</summary>
    private static void LiftBodyLimits(HttpContext http)
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }
}
