namespace Pantheon.House.Tests.Image;

/// <summary>What .dockerignore keeps out of the build: paths from the top, and <c>**/name</c> anywhere.</summary>
internal sealed class DockerIgnore(string text)
{
    private readonly string[] _patterns = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public bool Ignores(string path) => _patterns.Any(pattern => pattern.StartsWith("**/", StringComparison.Ordinal)
        ? path.Split('/').Contains(pattern[3..], StringComparer.Ordinal)
        : path == pattern || path.StartsWith(pattern + "/", StringComparison.Ordinal));
}
