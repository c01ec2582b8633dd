using System.Collections.Frozen;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Rollout;

namespace Pantheon.Scoring.Models;

/// <summary>
/// One version of a model, ready to score: its graph, calibration, vocabularies and schema, which belong together and
/// are replaced together. Immutable but for what it measures of itself.
/// </summary>
public sealed class LoadedModel : IDisposable
{
    private readonly FrozenDictionary<string, int> _inputsByName;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // One for being published, one for each request that uses it; 0 is for good.
    private int _leases = 1;

    internal LoadedModel(Bundle bundle, GraphSession session, TimeProvider clock, CalibrationOptions calibration, FrozenBaseline? baseline)
    {
        var manifest = bundle.Manifest;
        Bundle = bundle;
        Session = session;
        ServiceTimes = new ServiceTimes(clock);
        Statistics = new VersionStatistics(clock);
        Inputs = [.. manifest.Inputs.Select(spec => new ModelInput(spec, bundle.Vocabularies.GetValueOrDefault(spec.Name)))];
        Outputs = [new ModelOutput(manifest.Score), .. manifest.Pxtrs.Select(spec => new ModelOutput(spec))];
        _inputsByName = manifest.Inputs.Select((spec, index) => KeyValuePair.Create(spec.Name, index)).ToFrozenDictionary(StringComparer.Ordinal);
        Calibration = new VersionCalibration(manifest.Calibration, baseline, calibration, clock);
    }

    /// <summary>Its name.</summary>
    public string Name => Bundle.Manifest.Model;

    /// <summary>Its version.</summary>
    public long Version => Bundle.Manifest.Version;

    /// <summary>The bundle it was loaded from.</summary>
    public Bundle Bundle { get; }

    /// <summary>How long requests of each size take.</summary>
    public ServiceTimes ServiceTimes { get; }

    /// <summary>What became of its requests.</summary>
    public VersionStatistics Statistics { get; }

    /// <summary>What its scores are, and what they are moved to.</summary>
    public VersionCalibration Calibration { get; }

    /// <summary>How far from its golden outputs it was at load, within the tolerance; null without golden requests.</summary>
    public GoldenDifference? WorstGoldenDifference { get; internal set; }

    internal GraphSession Session { get; }

    /// <summary>Inputs, in binding order.</summary>
    internal ModelInput[] Inputs { get; }

    /// <summary>Outputs, in binding order: the score, then the Pxtrs.</summary>
    internal ModelOutput[] Outputs { get; }

    /// <summary>Keeps it alive for a request.</summary>
    /// <returns>False if it was retired and its last request is done: then somebody else is published.</returns>
    public bool TryLease()
    {
        for (var leases = Volatile.Read(ref _leases); leases > 0;)
        {
            var found = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (found == leases)
            {
                return true;
            }

            leases = found;
        }

        return false;
    }

    /// <summary>The request is done with it.</summary>
    public void Return()
    {
        if (Interlocked.Decrement(ref _leases) == 0)
        {
            _idle.TrySetResult();
        }
    }

    /// <summary>It is no longer published. To be called once.</summary>
    /// <returns>Completes when its last request is done, on another thread than that request's; then it can be disposed.</returns>
    public Task RetireAsync()
    {
        Return();
        return _idle.Task;
    }

    /// <summary>Frees the graph. No request may be using it.</summary>
    public void Dispose() => Session.Dispose();

    internal int IndexOfInput(string name) => _inputsByName.TryGetValue(name, out var index) ? index : -1;
}

/// <summary>An input with what requests need to be checked and bound against, looked up once.</summary>
internal sealed class ModelInput(InputSpec spec, Vocabulary? vocabulary)
{
    public InputSpec Spec { get; } = spec;

    public Vocabulary? Vocabulary { get; } = vocabulary;

    /// <summary>Elements per row.</summary>
    public int Width { get; } = spec.Width;

    public bool Tiled { get; } = spec.Tiled;

    public bool OfUser { get; } = spec.Side == FeatureSide.User;

    public int ElementSize { get; } = spec.Type == ElementType.Float ? sizeof(float) : sizeof(long);

    /// <summary>Where the shape has the candidate dimension; -1 for a user input that the graph broadcasts.</summary>
    public int CandidateAxis { get; } = spec.Shape.ToList().IndexOf(null);

    /// <summary>The shape with 0 where the number of candidates goes.</summary>
    public long[] ShapeTemplate { get; } = [.. spec.Shape.Select(dimension => dimension ?? 0)];
}

/// <summary>An output with what binding needs, looked up once.</summary>
internal sealed class ModelOutput(OutputSpec spec)
{
    public OutputSpec Spec { get; } = spec;

    /// <summary>Elements per candidate.</summary>
    public int Columns { get; } = spec.Columns;

    public int CandidateAxis { get; } = spec.Shape.ToList().IndexOf(null);

    /// <summary>The shape with 0 where the number of candidates goes.</summary>
    public long[] ShapeTemplate { get; } = [.. spec.Shape.Select(dimension => dimension ?? 0)];
}
