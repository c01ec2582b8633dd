using System.Reflection;
using Grpc.AspNetCore.Server.Calls;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Binding;

/// <summary>Asks a service's base class for its methods and maps each to the service's override.</summary>
internal sealed class ServiceBinding<TService>(IEndpointRouteBuilder builder, GrpcServiceOptions options, ILogger logger) : ServiceBinderBase
    where TService : class
{
    private readonly ServiceActivator<TService> _activator = new();
    private readonly CallSettings _settings = new(options);
    private readonly List<IEndpointConventionBuilder> _conventions = [];
    private readonly HashSet<string> _serviceNames = [];

    /// <summary>The base class that declares the virtual methods.</summary>
    private Type _declaringType = typeof(TService);

    public (IReadOnlyList<IEndpointConventionBuilder> Conventions, IEnumerable<string> ServiceNames) Map()
    {
        var bind = FindBindMethod();
        _declaringType = bind.GetParameters()[1].ParameterType;
        bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [this, null], null);
        return (_conventions, _serviceNames);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var (info, invoke) = Find<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>(
            method, typeof(TRequest), typeof(ServerCallContext));
        Map(method, info, new UnaryCall<TService, TRequest, TResponse>(method, invoke, _activator, _settings, logger));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (info, invoke) = Find<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Map(method, info, new ServerStreamingCall<TService, TRequest, TResponse>(method, invoke, _activator, _settings, logger));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (info, invoke) = Find<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Map(method, info, new DuplexStreamingCall<TService, TRequest, TResponse>(method, invoke, _activator, _settings, logger));
    }

    private static MethodInfo FindBindMethod()
    {
        const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } attribute
                && attribute.BindType.GetMethod(attribute.BindMethodName, AnyStatic, [typeof(ServiceBinderBase), type]) is { } bind)
            {
                return bind;
            }
        }

        throw new InvalidOperationException($"Cannot locate BindService(ServiceBinderBase, ServiceBase) method for the current service type: {typeof(TService).FullName}.");
    }

    private (MethodInfo Info, TDelegate Invoke) Find<TDelegate>(IMethod method, params Type[] parameters)
        where TDelegate : Delegate
    {
        const BindingFlags AnyInstance =
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            // A method that merely has the name, and overrides nothing of the base class, is not the one.
            if (type.GetMethod(method.Name, AnyInstance, parameters) is { } found
                && found.GetBaseDefinition().DeclaringType == _declaringType)
            {
                return (found, found.CreateDelegate<TDelegate>());
            }
        }

        throw new InvalidOperationException($"Could not find '{method.Name}' on {typeof(TService)}.");
    }

    private void Map(IMethod method, MethodInfo info, CallHandler handler)
    {
        _serviceNames.Add(method.ServiceName);
        object[] metadata =
        [
            .. typeof(TService).GetCustomAttributes(inherit: true),
            .. info.GetCustomAttributes(inherit: true),
            new GrpcMethodMetadata(typeof(TService), method),
            new HttpMethodMetadata(["POST"]),
        ];
        _conventions.Add(builder.Map(RoutePatternFactory.Parse(method.FullName), handler.HandleAsync)
            .WithDisplayName($"gRPC - {method.FullName}")
            .WithMetadata(metadata));
    }
}
