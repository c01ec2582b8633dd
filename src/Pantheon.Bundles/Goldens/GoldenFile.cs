using System.Text.Json;
using System.Text.Unicode;

namespace Pantheon.Bundles;

/// <summary>Reads and writes <c>{"requests":[{"input or output name": nested lists of numbers, ...}, ...]}</c>.</summary>
public static class GoldenFile
{
    public const string Name = "golden.json";

    /// <summary>What a start-up can still read and run; golden requests are a handful.</summary>
    internal const long MaxBytes = 64 << 20;

    /// <summary>
    /// Reads a file that somebody brings: any other top-level key is passed over, and all that a request holds is checked
    /// against the graph's inputs and outputs.
    /// </summary>
    /// <exception cref="BundleException">Not such a file; the message says which request, which name, what came, what was expected.</exception>
    public static IReadOnlyList<GoldenRequest> Import(string path, IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs)
    {
        byte[] bytes;
        try
        {
            var length = new FileInfo(path).Length;
            if (length > MaxBytes)
            {
                throw new BundleException($"{path}: {length} bytes, expected at most {MaxBytes}");
            }

            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"{path}: {exception.Message}", exception);
        }

        return Parse(bytes, inputs, outputs, path, strict: false);
    }

    /// <summary>Reads the bytes of a bundle's golden.json, where <c>requests</c> is the only key.</summary>
    /// <exception cref="BundleException">As for <see cref="Import"/>.</exception>
    public static IReadOnlyList<GoldenRequest> Parse(
        ReadOnlySpan<byte> utf8, IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs) =>
        Parse(utf8, inputs, outputs, Name, strict: true);

    /// <summary>Writes a bundle's golden.json, a request on a line; every float32 reads back to the same bits.</summary>
    /// <exception cref="BundleException">A number that JSON cannot hold.</exception>
    public static void Write(Stream stream, IReadOnlyList<GoldenRequest> requests) => GoldenWriter.Write(stream, requests);

    private static List<GoldenRequest> Parse(
        ReadOnlySpan<byte> utf8, IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs, string file, bool strict)
    {
        if (!Utf8.IsValid(utf8))
        {
            throw new BundleException($"{file}: not UTF-8");
        }

        try
        {
            return new GoldenReader(utf8, inputs, outputs, file).Read(strict);
        }
        catch (JsonException exception)
        {
            throw new BundleException($"{file}: not JSON: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // A name with half of a surrogate pair, the one thing that valid UTF-8 can still hide in JSON.
            throw new BundleException($"{file}: holds a text that is not Unicode: {exception.Message}", exception);
        }
    }
}
