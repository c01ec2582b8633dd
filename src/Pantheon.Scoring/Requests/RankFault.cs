namespace Pantheon.Scoring.Requests;

/// <summary>Why a request was not ranked. Each kind is one gRPC status at the border.</summary>
public enum RankFaultKind
{
    /// <summary>It does not fit the model's manifest or is above a limit: INVALID_ARGUMENT.</summary>
    Invalid,

    /// <summary>No such model: NOT_FOUND.</summary>
    UnknownModel,

    /// <summary>The model is known, but not loaded in that version: FAILED_PRECONDITION.</summary>
    NotLoaded,

    /// <summary>Refused by admission: RESOURCE_EXHAUSTED.</summary>
    Overloaded,

    /// <summary>Its deadline passed: DEADLINE_EXCEEDED.</summary>
    DeadlineExceeded,

    /// <summary>Its caller left: CANCELLED.</summary>
    Cancelled,

    /// <summary>The graph failed or gave a score that is not finite: INTERNAL.</summary>
    Internal,
}

/// <summary>Why a request was not ranked, in words for its sender.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Message">Field, what came, what was expected.</param>
/// <param name="RetryAfter">On overload, when to try again.</param>
public sealed record RankFault(RankFaultKind Kind, string Message, TimeSpan RetryAfter = default)
{
    /// <summary>A request that does not fit.</summary>
    public static RankFault Invalid(string field, string got, string expected) =>
        new(RankFaultKind.Invalid, $"{field}: got {got}, expected {expected}");
}
