using Xunit.Abstractions;

namespace Pantheon.Scoring.Tests.Admission;

/// <summary>
/// Counts both kinds of mistake over simulated traffic: admitted and not done in time, and refused though it would have
/// been. A refusal in vain is mostly the rule's own price: it asks for the p95, so a request whose deadline lies between
/// its usual and its p95 service time is refused and would often have been done.
/// </summary>
public sealed class AdmissionMistakesTests(ITestOutputHelper output)
{
    private const int Requests = 8_000;

    // Measured with 8,000 requests and 2 slots; sizes of 0.5, 1.5, 4 and 12 ms with a spread (sigma of the logarithm) of
    // 0.4; deadlines of 10, 20, 50 and 150 ms:
    //   load                            0.5     0.8     1.0     1.2     1.5
    //   missed, of admitted             0.2 %   0.4 %   0.4 %   0.6 %   1.4 %
    //   missed without the gate         2.7 %   5.9 %  10.5 %  18.1 %  32.4 %
    //   refused, of offered             5.0 %   6.7 %   9.4 %  14.0 %  24.0 %
    //   refused in vain, of offered     2.9 %   3.7 %   4.5 %   5.4 %   5.8 %
    //   refused in vain, of refused    58   %  55   %  49   %  38   %  24   %
    //     though even its p95 fitted    0.1 %   0.4 %   0.9 %   1.1 %   1.7 %   (of offered)
    //   done, of offered               94.8 %  92.9 %  90.2 %  85.5 %  74.9 %
    //   done without the gate          97.3 %  94.1 %  89.5 %  81.9 %  67.6 %
    [Theory]
    [InlineData(0.5, 0.01, 0.05, 0.01)]
    [InlineData(0.8, 0.015, 0.06, 0.015)]
    [InlineData(1.0, 0.02, 0.065, 0.02)]
    [InlineData(1.2, 0.025, 0.075, 0.025)]
    [InlineData(1.5, 0.035, 0.08, 0.035)]
    public void EnterAsync_SimulatedTraffic_MakesFewMistakesOfBothKinds(double load, double missed, double inVain, double waitOverestimated)
    {
        var with = GateSimulation.Play(load, Requests);
        var without = GateSimulation.Play(load, Requests, judges: false);
        output.WriteLine($"load {load}, with the gate: {with}");
        output.WriteLine($"load {load}, without it:    {without}");
        Assert.InRange(with.MissRate, 0, missed);
        Assert.InRange((double)with.RefusedInVain / with.Offered, 0, inVain);
        Assert.InRange((double)with.RefusedThoughP95Fitted / with.Offered, 0, waitOverestimated);
        // At least five times as many miss without it.
        Assert.True(without.MissRate > 5 * with.MissRate, $"{without.MissRate:P1} without, {with.MissRate:P1} with");
        if (load > 1)
        {
            // Work that is thrown away costs others their deadline.
            Assert.True(with.Done > without.Done, $"{with.Done} with, {without.Done} without");
        }
    }

    // A model that becomes eight times slower, and then is as fast as before. What is stopped at its deadline counts as
    // slow, so the gate closes for what cannot be done; probes find out that it is over, so it opens again.
    [Fact]
    public void EnterAsync_ModelSlowForAWhile_ClosesAndOpensAgain()
    {
        // Measured, of 3,000 requests each:   before    slow   after   later
        //   missed, of admitted                0.1 %    5.9 %   0.0 %   0.2 %
        //   refused, of offered                4.8 %   48.5 %  16.4 %   5.9 %
        // With a history that faded by samples only it was 23 % missed while slow and 29 % refused later.
        var phases = GateSimulation.PlayPhases(0.3, 3000, [1, 8, 1, 1]);
        foreach (var phase in phases)
        {
            output.WriteLine($"{phase}");
        }

        Assert.InRange(phases[1].MissRate, 0, 0.12);
        Assert.InRange(phases[3].MissRate, 0, 0.01);
        Assert.InRange((double)phases[2].Refused / phases[2].Offered, 0, 0.25);
        Assert.InRange((double)phases[3].Refused / phases[3].Offered, 0, 0.10);
    }
}
