using System.Text;
using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;

namespace Pantheon.Serving.Models;

/// <summary>Who asks for a change.</summary>
internal static class RequesterRules
{
    private const int MaxNameBytes = 128;
    private const int MaxReasonBytes = 1024;

    /// <summary>Its time is for the caller to set.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: a text is too long.</exception>
    public static TrafficAsk Read(Requester? requester, ServerCallContext context)
    {
        Check("requester.name", requester?.Name ?? "", MaxNameBytes);
        Check("requester.reason", requester?.Reason ?? "", MaxReasonBytes);
        return new TrafficAsk(string.IsNullOrEmpty(requester?.Name) ? context.Peer : requester.Name, requester?.Reason ?? "", default);
    }

    private static void Check(string field, string text, int limit)
    {
        if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > limit)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"{field}: got {bytes} bytes, expected at most {limit}"));
        }
    }
}
