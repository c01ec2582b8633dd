using Google.Protobuf.WellKnownTypes;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Scoring.Rollout;
using Figures = Pantheon.Scoring.Rollout.VersionFigures;

namespace Pantheon.Serving.Models;

/// <summary>Rollouts as messages.</summary>
internal static class ModelMessage
{
    public static Model Of(RolloutView view) => new()
    {
        Name = view.Model,
        BaseVersion = view.Base ?? 0,
        CanaryVersion = view.Canary ?? 0,
        CanaryPercent = view.Canary is null ? 0 : view.Table!.Canary!.Percent,
        ShadowVersion = view.Shadow ?? 0,
        ShadowPercent = view.Shadow is null ? 0 : view.Table!.Shadow!.Percent,
        PreviousVersion = view.Before ?? 0,
        Revision = view.Table?.Revision ?? 0,
        Problem = view.Problem ?? "",
        Versions = { view.Versions.Select(version => Of(version, view)) },
    };

    public static ModelChange Of(TrafficChange change) => new()
    {
        Revision = change.Revision,
        At = change.At.ToTimestamp(),
        Requester = change.By,
        Action = change.Action,
        Version = change.Version,
        Reason = change.Reason,
        BaseVersion = change.Base,
        CanaryVersion = change.Canary?.Version ?? 0,
        CanaryPercent = change.Canary?.Percent ?? 0,
        ShadowVersion = change.Shadow?.Version ?? 0,
        ShadowPercent = change.Shadow?.Percent ?? 0,
    };

    private static ModelVersion Of(VersionView version, RolloutView view) => new()
    {
        Version = version.Version,
        State = version.State switch
        {
            Scoring.Rollout.VersionState.Loading => Contracts.V1.VersionState.Loading,
            Scoring.Rollout.VersionState.Ready => Contracts.V1.VersionState.Ready,
            Scoring.Rollout.VersionState.Failed => Contracts.V1.VersionState.Failed,
            _ => Contracts.V1.VersionState.Available,
        },
        Role = version.Version == view.Base ? VersionRole.Base
            : version.Version == view.Canary ? VersionRole.Canary
            : version.Version == view.Shadow ? VersionRole.Shadow
            : version.Version == view.Before ? VersionRole.Previous
            : VersionRole.Unspecified,
        Reason = version.Reason ?? "",
        BundleDigest = version.Model?.Digest ?? "",
        LoadSeconds = version.LoadSeconds,
        Recent = version.Model is null ? null : Of(version.Model.Statistics.Recent),
        Total = version.Model is null ? null : Of(version.Model.Statistics.All),
    };

    private static Contracts.V1.VersionFigures Of(Figures figures) => new()
    {
        Requests = figures.Requests,
        Failures = figures.Failures,
        MeanRunSeconds = figures.MeanRunSeconds,
        ScoreMean = figures.Scores.Mean,
        ScoreStd = figures.Scores.Std,
    };
}
