using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Pantheon.House.Tests.Doors;

public sealed partial class DoorsTests
{
    public static TheoryData<string> Projects() => [.. Repository.Files("src", "*.csproj")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_AsItStands_UsesOnlyItsDoors(string path)
    {
        IReadOnlyList<string> violations = DoorTable.Violations(Path.GetFileNameWithoutExtension(path), XElement.Load(Repository.PathOf(path)));

        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));
    }

    [Fact]
    public void Projects_InTheSolution_AreAllThoseInTheTree()
    {
        string solution = File.ReadAllText(Repository.PathOf("Pantheon.Serving.sln")).Replace('\\', '/');

        IEnumerable<string> missing = Repository.Files("src", "*.csproj").Concat(Repository.Files("tests", "*.csproj"))
            .Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal));

        Assert.Empty(missing);
    }

    [Fact]
    public void Solution_Always_HoldsOnlyOurProjects()
    {
        string solution = File.ReadAllText(Repository.PathOf("Pantheon.Serving.sln")).Replace('\\', '/');

        Assert.DoesNotContain("\"eng/", solution, StringComparison.Ordinal);
    }

    // Whether a package is the official one is decided outside, so nothing written here may depend on it or know it.
    [Fact]
    public void Sources_UnderSrcAndTests_DoNotKnowWhichPackagesAreReplaced()
    {
        string own = $"tests/Pantheon.House.Tests/Doors/{nameof(DoorsTests)}.cs";

        IEnumerable<string> knowing = Repository.Files("src", "*").Concat(Repository.Files("tests", "*"))
            .Where(path => path != own && Path.GetExtension(path) is ".cs" or ".csproj" or ".props" or ".targets")
            .Where(path => path != own && StandIn().IsMatch(File.ReadAllText(Repository.PathOf(path))));

        Assert.Empty(knowing);
    }

    [Fact]
    public void Sources_OfScoring_DoNotUseAspNetCore()
    {
        IEnumerable<string> using_ = Repository.Files("src/Pantheon.Scoring", "*.cs")
            .Where(path => File.ReadAllText(Repository.PathOf(path)).Contains("Microsoft.AspNetCore", StringComparison.Ordinal));

        Assert.Empty(using_);
    }

    [Theory]
    [InlineData("Pantheon.Bundles", """<ProjectReference Include="../Pantheon.Onnx/Pantheon.Onnx.csproj" />""", "references Pantheon.Onnx")]
    [InlineData("Pantheon.Scoring", """<ProjectReference Include="..\Pantheon.Serving\Pantheon.Serving.csproj" />""", "references Pantheon.Serving")]
    [InlineData("Pantheon.Scoring", """<PackageReference Include="Microsoft.ML.OnnxRuntime" />""", "which only Pantheon.Onnx may")]
    [InlineData("Pantheon.Scoring", """<PackageReference Include="Microsoft.ML.OnnxRuntime.Managed" />""", "which only Pantheon.Onnx may")]
    [InlineData("Pantheon.Scoring", """<PackageReference Include="Grpc.AspNetCore" />""", "which only Pantheon.Serving may")]
    [InlineData("Pantheon.Scoring", """<FrameworkReference Include="Microsoft.AspNetCore.App" />""", "uses ASP.NET Core")]
    [InlineData("Pantheon.Scoring", """<Compile Include="../Pantheon.Serving/Program.cs" />""", "from outside its folder")]
    [InlineData("Pantheon.Scoring", """<Reference Include="Something" />""", "references the assembly")]
    [InlineData("Pantheon.Attic", "", "not in the table of doors")]
    public void Violations_ForbiddenReference_NamesIt(string room, string item, string expected)
    {
        XElement project = XElement.Parse($"""<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>{item}</ItemGroup></Project>""");

        Assert.Contains(expected, Assert.Single(DoorTable.Violations(room, project)), StringComparison.Ordinal);
    }

    [Fact]
    public void Violations_WebSdkOutsideServing_IsNamed()
    {
        XElement project = XElement.Parse("""<Project Sdk="Microsoft.NET.Sdk.Web" />""");

        Assert.Contains("uses ASP.NET Core", Assert.Single(DoorTable.Violations("Pantheon.Scoring", project)), StringComparison.Ordinal);
        Assert.Empty(DoorTable.Violations("Pantheon.Serving", project));
    }

    [GeneratedRegex("stand-?ins?\\b", RegexOptions.IgnoreCase)]
    private static partial Regex StandIn();
}
