using Google.Protobuf.Reflection;

namespace Pantheon.House.Tests.Contract;

/// <summary>The contract as it stands against its baseline.</summary>
public sealed class ContractGuardTests
{
    private static readonly FileDescriptor[] s_files =
    [
        Contracts.V1.ScoringReflection.Descriptor,
        Contracts.V1.ModelsReflection.Descriptor,
        Contracts.V1.FeedbackReflection.Descriptor,
        Contracts.Health.V1.HealthReflection.Descriptor,
    ];

    public static TheoryData<string> Protos() => [.. s_files.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Protos))]
    public void Contract_AgainstItsBaseline_OnlyHoldsWhatWasAgreed(string proto)
    {
        IReadOnlyList<ContractEntry> current = ContractListing.Of(s_files.Single(file => file.Name == proto));

        ContractComparison comparison = ContractComparison.Between(ContractBaseline.Read(proto), current);
        if (comparison.Breaking.Count == 0 && Environment.GetEnvironmentVariable(ContractBaseline.Variable) == "write")
        {
            ContractBaseline.Write(proto, current);
            return;
        }

        string? verdict = ContractBaseline.Judge(proto, comparison);
        Assert.True(verdict is null, verdict);
    }

    [Fact]
    public void Protos_OfServing_AreAllGuarded()
    {
        IEnumerable<string> served = Repository.Files("protos", "*.proto")
            .Where(path => !path.StartsWith("protos/onnx/", StringComparison.Ordinal))
            .Select(path => path["protos/".Length..]);

        Assert.Equal(served.Order(), s_files.Select(file => file.Name).Order());
    }
}
