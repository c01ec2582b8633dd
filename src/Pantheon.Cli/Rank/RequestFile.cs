using System.Text;
using System.Text.Json;
using Google.Protobuf;

namespace Pantheon.Cli.Rank;

/// <summary>A message in the JSON form of proto3.</summary>
internal static class RequestFile
{
    /// <exception cref="CommandFailure">Not such a message; the text says where.</exception>
    public static T Read<T>(string path)
        where T : IMessage<T>, new()
    {
        var utf8 = File.ReadAllBytes(path);
        try
        {
            // Protobuf's own parser does not say where a text stops being JSON.
            using var syntax = JsonDocument.Parse(utf8);
        }
        catch (JsonException error)
        {
            var reason = error.Message.Split(" LineNumber:", 2)[0];
            throw new CommandFailure($"{path}: line {error.LineNumber + 1}, column {error.BytePositionInLine + 1}: not JSON: {reason}");
        }

        try
        {
            return JsonParser.Default.Parse<T>(Encoding.UTF8.GetString(utf8));
        }
        catch (Exception error) when (IsRefusal(error))
        {
            var place = Find<T>(utf8, error.Message) is { } index ? $"{Position(utf8, index)}: " : "";
            throw new CommandFailure($"{path}: {place}{error.Message} (expected {new T().Descriptor.FullName} in the JSON form of proto3)");
        }
    }

    private static bool IsRefusal(Exception error) => error is InvalidProtocolBufferException or FormatException;

    /// <summary>
    /// Protobuf's parser says what it refuses and not where: the first field that it also refuses alone, and there the name or value
    /// that its message ends with, if it stands there.
    /// </summary>
    private static int? Find<T>(ReadOnlySpan<byte> utf8, string message)
        where T : IMessage<T>, new()
    {
        var reader = new Utf8JsonReader(utf8);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
            {
                continue;
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var field = utf8[start..(int)reader.BytesConsumed];
            try
            {
                JsonParser.Default.Parse<T>($"{{{Encoding.UTF8.GetString(field)}}}");
            }
            catch (Exception error) when (IsRefusal(error))
            {
                return start + FindWord(utf8[..(int)reader.BytesConsumed], start, message);
            }
        }

        return null;
    }

    private static int FindWord(ReadOnlySpan<byte> utf8, int start, string message)
    {
        var colon = message.IndexOf(": ", StringComparison.Ordinal);
        var subject = message[(colon + 1)..].Split(" for ", 2)[0].Trim(' ', '"', '\'', '.');
        var text = utf8[start..];
        foreach (var word in (ReadOnlySpan<string>)[$"\"{subject}\"", subject])
        {
            if (subject.Length > 0 && text.IndexOf(Encoding.UTF8.GetBytes(word)) is var index and >= 0)
            {
                return index;
            }
        }

        return 0;
    }

    private static string Position(ReadOnlySpan<byte> utf8, int index)
    {
        var before = utf8[..index];
        return $"line {before.Count((byte)'\n') + 1}, column {before.Length - before.LastIndexOf((byte)'\n')}";
    }
}
