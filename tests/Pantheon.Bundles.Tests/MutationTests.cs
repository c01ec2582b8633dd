using System.Text;
using System.Text.Json.Nodes;

namespace Pantheon.Bundles.Tests;

/// <summary>Whatever becomes of a bundle's files, opening it works or is refused with a BundleException, and nothing else happens.</summary>
public sealed class MutationTests : IDisposable
{
    private const int Seed = 20260131;

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1", "1e400", "0.5", "9223372036854775808", "\"\"", "\"NaN\"", "\"../x\"", "\"score\"", "\"int64\"",
        "[]", "{}", "[null]", "[[]]", "[null,2]", "[1,null]", "\"\\ud800\"", "{\"min\":0,\"max\":1}", "{\"mean\":0,\"std\":1}",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly Bundle _original;
    private readonly string _manifest;

    public MutationTests()
    {
        _original = Sample.Publish(_folder.Path);
        _manifest = Path.Combine(_original.Directory, Manifest.FileName);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ManifestBytesMutated_OpensOrRefuses()
    {
        var random = new Random(Seed);
        var original = File.ReadAllBytes(_manifest);
        for (var run = 0; run < 2500; run++)
        {
            var bytes = original.ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var start = random.Next(bytes.Count);
                var length = Math.Min(random.Next(1, 12), bytes.Count - start);
                switch (random.Next(5))
                {
                    case 0:
                        bytes[start] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1:
                        bytes[start] = (byte)random.Next(256);
                        break;
                    case 2:
                        bytes.RemoveRange(start, length);
                        break;
                    case 3:
                        bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(start, length));
                        break;
                    default:
                        bytes.InsertRange(start, Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]));
                        break;
                }
            }

            OpenOrRefuse([.. bytes], original, run);
        }
    }

    [Fact]
    public void Open_ManifestStructureMutated_OpensOrRefuses()
    {
        var random = new Random(Seed);
        var original = File.ReadAllBytes(_manifest);
        var opened = 0;
        for (var run = 0; run < 2500; run++)
        {
            var root = JsonNode.Parse(original)!;
            for (var change = random.Next(1, 3); change > 0; change--)
            {
                Mutate(root, random);
            }

            opened += OpenOrRefuse(Encoding.UTF8.GetBytes(root.ToJsonString()), original, run) ? 1 : 0;
        }

        // Else the mutations are too coarse to get past the first check.
        Assert.InRange(opened, 50, 2450);
    }

    [Fact]
    public void Parse_VocabulariesMutated_ParsesOrRefuses()
    {
        var random = new Random(Seed);
        foreach (var (text, kind) in new[] { (Sample.Items, VocabularyKind.Int64), (Sample.Users, VocabularyKind.String) })
        {
            for (var run = 0; run < 3000; run++)
            {
                var bytes = Mutate(Encoding.UTF8.GetBytes(text), random);
                Refusable(() => VocabularyFile.Parse(bytes, new VocabularySpec { File = "v", Kind = kind, UnknownRow = 0 }, new IdRange(0, 3)), run);
            }
        }
    }

    [Fact]
    public void Parse_GoldensMutated_ParsesOrRefuses()
    {
        var random = new Random(Seed);
        var original = File.ReadAllBytes(Path.Combine(_original.Directory, GoldenFile.Name));
        for (var run = 0; run < 6000; run++)
        {
            var bytes = Mutate(original, random);
            Refusable(() => GoldenFile.Parse(bytes, _original.Manifest.Inputs, _original.Manifest.Outputs), run);
        }
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        var start = random.Next(bytes.Count);
        switch (random.Next(4))
        {
            case 0:
                bytes[start] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(start, Math.Min(random.Next(1, 8), bytes.Count - start));
                break;
            case 2:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(start, Math.Min(random.Next(1, 20), bytes.Count - start)));
                break;
            default:
                bytes.InsertRange(start, Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]));
                break;
        }

        return [.. bytes];
    }

    private static void Mutate(JsonNode root, Random random)
    {
        var nodes = new List<JsonNode>();
        Collect(root, nodes);
        var node = nodes[random.Next(nodes.Count)];
        var value = () => random.Next(3) == 0 ? nodes[random.Next(nodes.Count)].DeepClone() : JsonNode.Parse(Values[random.Next(Values.Length - 3)]);
        if (node is JsonArray list)
        {
            var index = random.Next(list.Count + 1);
            if (index < list.Count && random.Next(3) == 0)
            {
                list.RemoveAt(index);
            }
            else if (index < list.Count && random.Next(2) == 0)
            {
                list[index] = value();
            }
            else
            {
                list.Insert(index, value());
            }
        }
        else if (node is JsonObject { Count: > 0 } record)
        {
            var key = record.ElementAt(random.Next(record.Count)).Key;
            if (random.Next(3) == 0)
            {
                record.Remove(key);
            }
            else
            {
                record[random.Next(8) == 0 ? key + "x" : key] = value();
            }
        }
    }

    private static void Collect(JsonNode node, List<JsonNode> into)
    {
        into.Add(node);
        var children = node switch
        {
            JsonObject record => record.Select(member => member.Value),
            JsonArray list => list,
            _ => [],
        };
        foreach (var child in children.OfType<JsonNode>())
        {
            Collect(child, into);
        }
    }

    private bool OpenOrRefuse(byte[] manifest, byte[] original, int run)
    {
        File.WriteAllBytes(_manifest, manifest);
        Bundle? bundle = null;
        Refusable(() => bundle = Bundle.Open(_original.Directory), run);
        if (bundle is not null)
        {
            // What opens says what its bytes say, and never passes for the original.
            Assert.Equal(manifest.AsSpan().SequenceEqual(original), bundle.Digest == _original.Digest);
            var json = bundle.Manifest.ToJson();
            Assert.Equal(json, Manifest.Parse(json).ToJson());
            Assert.Equal(bundle.Manifest.Inputs.Count(input => input.Vocabulary is not null), bundle.Vocabularies.Count);
        }

        return bundle is not null;
    }

    private static void Refusable(Action action, int run)
    {
        var exception = Record.Exception(action);
        Assert.True(exception is null or BundleException, $"seed {Seed}, run {run}: {exception}");
    }
}
