using System.Collections.Concurrent;
using System.Diagnostics;

namespace Pantheon.Rig;

/// <summary>A server that is not ours.</summary>
public enum Tool
{
    /// <summary>Debian's PostgreSQL.</summary>
    Postgres,

    /// <summary>Debian's haproxy.</summary>
    Haproxy,

    /// <summary>npm's s3rver.</summary>
    S3rver,
}

/// <summary>Where servers that are not ours are; eng/foreign.sh installs them.</summary>
public static class ForeignTools
{
    private static readonly ConcurrentDictionary<Tool, Lazy<string?>> Found = new();

    /// <summary>A program, or the folder of its programs; null: it is not here and could not be installed.</summary>
    public static string? Find(Tool tool) => Found.GetOrAdd(tool, static tool => new Lazy<string?>(() => Look(tool) ?? InstallAndLook(tool))).Value;

    private static string? InstallAndLook(Tool tool)
    {
        using var install = Process.Start(new ProcessStartInfo("bash", [Path.Combine(SourceTree.Root, "eng", "foreign.sh")]))!;
        install.WaitForExit();
        return Look(tool);
    }

    private static string? Look(Tool tool)
    {
        const string postgres = "/usr/lib/postgresql";
        string[] candidates = tool switch
        {
            Tool.S3rver => [Path.Combine(SourceTree.Root, "tests", "Pantheon.Rig", "s3", "node_modules", "s3rver", "bin", "s3rver.js")],
            Tool.Haproxy => ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"],
            _ when Directory.Exists(postgres) => [.. Directory.GetDirectories(postgres).OrderDescending().Select(version => Path.Combine(version, "bin", "initdb"))],
            _ => [],
        };
        var found = candidates.FirstOrDefault(File.Exists);
        return tool == Tool.Postgres ? Path.GetDirectoryName(found) : found;
    }
}
