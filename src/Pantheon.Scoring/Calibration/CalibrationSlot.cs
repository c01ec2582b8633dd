using Pantheon.Bundles;

namespace Pantheon.Scoring.Calibration;

/// <summary>Where the moments come from that a version is calibrated by.</summary>
public enum OwnMoments
{
    /// <summary>Nowhere: its scores are answered raw.</summary>
    None,

    /// <summary>Its bundle.</summary>
    Bundle,

    /// <summary>Its scores in service.</summary>
    Streamed,
}

/// <summary>How a version's scores of one scenario are calibrated, between two updates. Immutable but for the stream.</summary>
public sealed class CalibrationSlot
{
    internal CalibrationSlot(string scenario, MomentStream stream) => (Scenario, Stream) = (scenario, stream);

    /// <summary>The scenario; empty: all that have no slot of their own.</summary>
    public string Scenario { get; }

    /// <summary>Its raw scores here, as they come.</summary>
    public MomentStream Stream { get; }

    /// <summary>What calibrates it; null: it is answered raw. A scenario without moments of its own has the default's.</summary>
    public MeanVarianceCalibrator? Calibrator { get; internal init; }

    /// <summary>Where <see cref="Calibrator"/>'s moments of the version's own come from.</summary>
    public OwnMoments Source { get; internal init; }

    /// <summary>The distribution that <see cref="Calibrator"/> moves to; null without one.</summary>
    public Moments? Baseline { get; internal init; }

    /// <summary>The raw moments that were trusted last; null: none were yet.</summary>
    public Moments? Trusted { get; internal init; }

    /// <summary>Raw scores of all replicas as of the last update.</summary>
    public StreamedMoments Measured { get; internal init; }
}
