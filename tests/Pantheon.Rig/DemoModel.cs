using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;

namespace Pantheon.Rig;

/// <summary>
/// The model that ships with the project, and its golden requests as a gateway would send them: with raw ids. Whatever
/// the vocabularies map goes the other way here, and a row that no raw id has becomes an id that nobody has.
/// </summary>
public sealed class DemoModel
{
    /// <summary>Its name.</summary>
    public const string Name = "kuairand";

    /// <summary>An id that no vocabulary knows.</summary>
    public const long NobodysId = -987_654_321;

    private readonly Dictionary<string, Dictionary<long, long>> _rawIds = new(StringComparer.Ordinal);

    private DemoModel(Bundle bundle)
    {
        Bundle = bundle;
        foreach (var input in Manifest.Inputs.Where(input => input.Vocabulary is not null))
        {
            _rawIds.Add(input.Name, ReadRawIds(Path.Combine(bundle.Directory, input.Vocabulary!.File)));
        }
    }

    /// <summary>The one that the project ships.</summary>
    public static DemoModel Shipped { get; } = Open();

    /// <summary>The bundle.</summary>
    public Bundle Bundle { get; }

    /// <summary>The bundle's manifest.</summary>
    public Manifest Manifest => Bundle.Manifest;

    /// <summary>Indices of the golden requests, smallest first.</summary>
    public IReadOnlyList<int> Goldens => [.. Enumerable.Range(0, Bundle.Goldens.Count).OrderBy(index => Bundle.Goldens[index].Candidates)];

    /// <summary>Copies it into a model repository.</summary>
    /// <returns>The version's folder.</returns>
    public string CopyTo(string repository)
    {
        var target = Path.Combine(repository, Name, Manifest.Version.ToString(CultureInfo.InvariantCulture));
        foreach (var file in Directory.EnumerateFiles(Bundle.Directory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(Bundle.Directory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }

    /// <summary>A golden request that asks for everything about all candidates.</summary>
    public RankRequest Request(int golden, ValueForm form = ValueForm.Data)
    {
        var size = Bundle.Goldens[golden].Candidates;
        return Request(golden, form, size);
    }

    /// <summary>The same with as many candidates as wanted: the golden ones over and over.</summary>
    public RankRequest Request(int golden, ValueForm form, int candidates)
    {
        var (inputs, size) = (Bundle.Goldens[golden].Inputs, Bundle.Goldens[golden].Candidates);
        var request = new RankRequest { RequestId = $"golden-{golden}", Output = new OutputOptions { All = true, Pxtrs = true, RawScores = true } };
        request.CandidateIds.AddRange(Enumerable.Range(0, candidates).Select(position => 1_000_000L + position));
        foreach (var input in Manifest.Inputs)
        {
            var tensor = inputs[input.Name];
            var rows = input.Side == FeatureSide.User ? 1 : candidates;
            var feature = tensor.Floats is { } floats
                ? Feature(input.Name, Cycle(floats, rows * input.Width, size * input.Width), form)
                : Feature(input.Name, Cycle(Raw(input.Name, tensor.Int64s!), rows * input.Width, size * input.Width), form);
            (input.Side == FeatureSide.User ? request.UserFeatures : request.CandidateFeatures).Add(feature);
        }

        return request;
    }

    /// <summary>Raw scores that a golden request must get, by position.</summary>
    public float[] Scores(int golden) => Bundle.Goldens[golden].Outputs[Manifest.Score.Name].Floats!;

    /// <summary>Pxtrs that a golden request must get, for one position.</summary>
    public float[] Pxtrs(int golden, int position)
    {
        var outputs = Bundle.Goldens[golden].Outputs;
        return [.. Manifest.Pxtrs.SelectMany(output => outputs[output.Name].Floats!.Skip(position * output.Columns).Take(output.Columns))];
    }

    /// <summary>Pantheon section 4, written down once more.</summary>
    public double Calibrate(double score) => Manifest.Calibration is { } calibration
        ? calibration.Baseline.Mean + (calibration.Baseline.Std / calibration.Own.Std * (score - calibration.Own.Mean))
        : score;

    /// <summary>A FLOAT feature.</summary>
    public static Feature Feature(string name, float[] values, ValueForm form)
    {
        var feature = new Feature { Name = name };
        if (form == ValueForm.Data)
        {
            feature.Type = DataType.Float;
            feature.Data = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        else
        {
            feature.Floats.AddRange(values);
        }

        return feature;
    }

    /// <summary>An INT64 feature.</summary>
    public static Feature Feature(string name, long[] values, ValueForm form)
    {
        var feature = new Feature { Name = name };
        if (form == ValueForm.Data)
        {
            feature.Type = DataType.Int64;
            feature.Data = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        else
        {
            feature.Int64S.AddRange(values);
        }

        return feature;
    }

    private static DemoModel Open()
    {
        var repository = new ModelRepository(Path.Combine(SourceTree.Root, "models"));
        return new DemoModel(repository.Open(Name, repository.DefaultVersion(Name)));
    }

    private static Dictionary<long, long> ReadRawIds(string path)
    {
        var rawIds = new Dictionary<long, long>();
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var columns = line.Split('\t');
            rawIds.TryAdd(long.Parse(columns[1], CultureInfo.InvariantCulture), long.Parse(columns[0], CultureInfo.InvariantCulture));
        }

        return rawIds;
    }

    private static T[] Cycle<T>(T[] values, int length, int period) => [.. Enumerable.Range(0, length).Select(index => values[index % Math.Min(period, values.Length)])];

    private long[] Raw(string input, long[] rows) => _rawIds.TryGetValue(input, out var rawIds)
        ? [.. rows.Select(row => rawIds.GetValueOrDefault(row, NobodysId))]
        : rows;
}
