using Grpc.AspNetCore.Server.Calls;
using Grpc.Core;
using Grpc.Net.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Which names are mapped, so that what is unknown is answered UNIMPLEMENTED, once.</summary>
internal sealed class MappedServices
{
    private readonly HashSet<string> _names = [];

    public void MapUnimplemented(IEndpointRouteBuilder builder, IEnumerable<string> serviceNames, ILogger logger)
    {
        if (_names.Add(""))
        {
            Map(builder, "{unimplementedService}", "gRPC - Unimplemented service", "Service is unimplemented.", logger);
        }

        foreach (var name in serviceNames)
        {
            if (_names.Add(name))
            {
                Map(builder, name, $"gRPC - Unimplemented method for {name}", "Method is unimplemented.", logger);
            }
        }
    }

    private static void Map(IEndpointRouteBuilder builder, string service, string displayName, string detail, ILogger logger)
    {
        var pattern = RoutePatternFactory.Parse(
            $"/{service}/{{unimplementedMethod}}", null, new { unimplementedMethod = new GrpcRequestConstraint() });
        var status = new Status(StatusCode.Unimplemented, detail);
        builder.Map(pattern, http =>
        {
            ServerLog.Unimplemented(logger, http.Request.Path, detail);
            http.Response.ContentType = ProtocolHeaders.ContentType;
            HttpAnswers.SetStatus(HttpAnswers.TrailersOf(http.Response), status);
            return Task.CompletedTask;
        }).WithDisplayName(displayName).WithMetadata(new HttpMethodMetadata([HttpMethods.Post]));
    }

    /// <summary>Leaves to other endpoints what is no gRPC call.</summary>
    private sealed class GrpcRequestConstraint : IRouteConstraint
    {
        public bool Match(
            HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null && ProtocolHeaders.IsGrpc(httpContext.Request.ContentType);
    }
}
