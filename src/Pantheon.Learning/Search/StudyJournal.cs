using System.Text;
using System.Text.Json;

namespace Pantheon.Learning.Search;

/// <summary>
/// A study on disk: one JSON line that says what is searched and how, then one for each completed trial in the order of completion.
/// Lines are only ever appended.
/// </summary>
internal sealed class StudyJournal : IDisposable
{
    private const int Version = 1;
    private readonly FileStream _file;

    private StudyJournal(FileStream file) => _file = file;

    public static StudyJournal Open(string path, SearchSpace space, StudyOptions options, out List<CompletedTrial> trials)
    {
        byte[] header = Header(space, options);

        // Nothing milder than None keeps a second writer out where locks are advisory.
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            byte[] text = new byte[file.Length];
            file.ReadExactly(text);
            trials = Read(path, text, header, space, out int whole);

            // What a crash cut short goes, so that the next line begins on a line of its own.
            file.SetLength(whole);
            file.Position = whole;
            if (whole == 0)
            {
                file.Write(header);
                file.Flush();
            }

            return new StudyJournal(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Appends a trial by one write and hands it to the system: it survives the process. It need not survive the machine, since the
    /// study would propose it again.
    /// </summary>
    public void Append(CompletedTrial trial)
    {
        _file.Write(Line(writer =>
        {
            writer.WriteNumber("trial", trial.Number);
            WriteNumbers(writer, "values", trial.Values);
            if (trial.Failed)
            {
                writer.WriteNull("score");
            }
            else
            {
                writer.WriteNumber("score", trial.Score);
            }
        }));
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();

    private static List<CompletedTrial> Read(string path, byte[] text, byte[] header, SearchSpace space, out int whole)
    {
        var trials = new List<CompletedTrial>();
        whole = text.AsSpan().LastIndexOf((byte)'\n') + 1;
        if (whole == 0)
        {
            return header.AsSpan().StartsWith(text)
                ? trials
                : throw new StudyException(
                    $"'{path}' is not a study's journal; expected its first line to be {Encoding.UTF8.GetString(header)}");
        }

        if (!text.AsSpan().StartsWith(header))
        {
            throw new StudyException(
                $"'{path}' is another study's journal or none; expected its first line to be {Encoding.UTF8.GetString(header)}");
        }

        int line = 1;
        for (int start = header.Length; start < whole;)
        {
            int length = text.AsSpan(start).IndexOf((byte)'\n');
            line++;
            try
            {
                trials.Add(ReadTrial(text.AsMemory(start, length), space));
            }
            catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException
                or FormatException or ArgumentException)
            {
                throw new StudyException(
                    $"line {line} of '{path}' is not a trial of this study ({failure.Message}); expected its number, values and score",
                    failure);
            }

            start += length + 1;
        }

        return trials;
    }

    private static CompletedTrial ReadTrial(ReadOnlyMemory<byte> line, SearchSpace space)
    {
        using var document = JsonDocument.Parse(line);
        var trial = document.RootElement;
        int number = trial.GetProperty("trial").GetInt32();
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var list = trial.GetProperty("values");
        double[] values = new double[list.GetArrayLength()];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = list[index].GetDouble();
        }

        space.Check(values, "values");
        var score = trial.GetProperty("score");
        return new CompletedTrial(number, values, score.ValueKind == JsonValueKind.Null ? double.NaN : score.GetDouble());
    }

    private static byte[] Header(SearchSpace space, StudyOptions options) => Line(writer =>
    {
        writer.WriteNumber("study", Version);
        writer.WriteStartArray("parameters");
        foreach (var parameter in space.Parameters)
        {
            writer.WriteStartObject();
            writer.WriteString("name", parameter.Name);
            writer.WriteNumber("low", parameter.Low);
            writer.WriteNumber("high", parameter.High);
            writer.WriteBoolean("log", parameter.Log);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("maximise", options.Maximise);
        writer.WriteNumber("seed", options.Seed);
        writer.WriteNumber("startupTrials", options.StartupTrials);
        writer.WriteNumber("candidates", options.Candidates);
        writer.WriteBoolean("multivariate", options.Multivariate);
        if (options.Subject is not null)
        {
            writer.WriteString("subject", options.Subject);
        }

        writer.WriteStartArray("initial");
        foreach (double[] values in options.Initial)
        {
            writer.WriteStartArray();
            foreach (double value in values)
            {
                writer.WriteNumberValue(value);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    });

    private static byte[] Line(Action<Utf8JsonWriter> fields)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        return line.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IReadOnlyList<double> values)
    {
        writer.WriteStartArray(name);
        foreach (double value in values)
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }
}
