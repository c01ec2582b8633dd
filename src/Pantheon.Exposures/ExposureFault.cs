namespace Pantheon.Exposures;

/// <summary>Why something from outside is not taken, in words for its sender: INVALID_ARGUMENT at the border.</summary>
/// <param name="Field">What is wrong, as a path: <c>items[3].outcomes["click"]</c>.</param>
/// <param name="Got">What came.</param>
/// <param name="Expected">What would have been taken.</param>
public sealed record ExposureFault(string Field, string Got, string Expected)
{
    // A message repeats at most this many characters of what came.
    private const int Repeated = 64;

    /// <summary>One line: field, what came, what was expected.</summary>
    public string Message => $"{Field}: got {Got}, expected {Expected}";

    internal static string Quote(string text) => text.Length > Repeated ? $"'{text[..Repeated]}...' of {text.Length} characters" : $"'{text}'";
}
