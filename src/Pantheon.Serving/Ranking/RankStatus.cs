using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Pantheon.Scoring.Requests;

namespace Pantheon.Serving.Ranking;

/// <summary>Faults of the engine as gRPC statuses.</summary>
internal static class RankStatus
{
    /// <summary>The trailer that gRPC clients read as a server's retry hint, in milliseconds.</summary>
    public const string RetryTrailer = "grpc-retry-pushback-ms";

    public static StatusCode Of(RankFaultKind kind) => kind switch
    {
        RankFaultKind.Invalid => StatusCode.InvalidArgument,
        RankFaultKind.UnknownModel => StatusCode.NotFound,
        RankFaultKind.NotLoaded => StatusCode.FailedPrecondition,
        RankFaultKind.Overloaded => StatusCode.ResourceExhausted,
        RankFaultKind.DeadlineExceeded => StatusCode.DeadlineExceeded,
        RankFaultKind.Cancelled => StatusCode.Cancelled,
        RankFaultKind.Internal => StatusCode.Internal,
        _ => throw new UnreachableException(),
    };

    /// <summary>Whole milliseconds after which to try again, rounded up; 0 where trying again is no answer.</summary>
    public static long RetryAfterMilliseconds(RankFault fault) => (long)Math.Ceiling(fault.RetryAfter.TotalMilliseconds);

    public static RpcException ToException(RankFault fault)
    {
        var trailers = new Metadata();
        if (RetryAfterMilliseconds(fault) is > 0 and var milliseconds)
        {
            trailers.Add(RetryTrailer, milliseconds.ToString(CultureInfo.InvariantCulture));
        }

        return new RpcException(new Status(Of(fault.Kind), fault.Message), trailers);
    }
}
