using Pantheon.Simulation.ClosedLoops;

namespace Pantheon.Cli.Simulate;

/// <summary>What `pantheon simulate` was told.</summary>
/// <param name="Options">The loop.</param>
/// <param name="Out">Folder for everything that it makes.</param>
/// <param name="Explore">Share of the answers that are drawn at random.</param>
/// <param name="CommandLine">As typed, for the report.</param>
internal sealed record SimulateRequest(LoopOptions Options, string Out, double Explore, string CommandLine);
