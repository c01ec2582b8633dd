using Pantheon.Cli.Tests.Promote;

namespace Pantheon.Cluster.Tests;

/// <summary>A cluster whose model a promoter can improve: what it answers is stored with its features, and mostly drawn at random.</summary>
public sealed class FeedCluster : Cluster
{
    protected override string Served => PulledUsers.Model;

    protected override void Publish(string models) => PulledUsers.PublishIncumbent(models);

    protected override string[] Settings(int replica) => ["Exposures:Log:FeaturesShare=1", "Exploration:Share=0.7"];
}
