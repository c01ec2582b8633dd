using System.Diagnostics;

namespace Pantheon.Exposures.Recording;

/// <summary>Why a ranking is not stored; the tag <c>reason</c>.</summary>
internal enum DropReason
{
    /// <summary>As many, or as many bytes, wait as may.</summary>
    Full,

    /// <summary>It cannot be stored.</summary>
    Invalid,

    /// <summary>The log has stopped, or stopped before the store took it.</summary>
    Stopped,
}

internal static class DropReasons
{
    public static readonly DropReason[] All = Enum.GetValues<DropReason>();

    public static string Tag(this DropReason reason) => reason switch
    {
        DropReason.Full => "full",
        DropReason.Invalid => "invalid",
        DropReason.Stopped => "stopped",
        _ => throw new UnreachableException(),
    };
}
