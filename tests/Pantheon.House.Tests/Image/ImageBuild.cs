using System.Diagnostics;

namespace Pantheon.House.Tests.Image;

/// <summary>
/// Does what a container engine would with our Dockerfile, in a folder instead of an image: each stage is a folder, its
/// absolute paths lie below it, COPY copies, RUN runs. What a base image brings must be on this machine.
/// </summary>
internal sealed class ImageBuild : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pantheon-image-").FullName;
    private readonly DockerIgnore _ignore = new(File.ReadAllText(Repository.PathOf(".dockerignore")));

    public ImageBuild()
    {
        // The image's unprivileged user must get in.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_root, File.GetUnixFileMode(_root) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    /// <summary>Builds every stage and gives the working directory of the last.</summary>
    public string Run(IReadOnlyList<Stage> stages)
    {
        string work = "";
        foreach (Stage stage in stages)
        {
            foreach (Instruction instruction in stage.Instructions)
            {
                switch (instruction.Keyword)
                {
                    case "WORKDIR":
                        work = Map(stage.Name, instruction.Text);
                        Directory.CreateDirectory(work);
                        break;
                    case "COPY":
                        Copy(instruction, work);
                        break;
                    case "RUN":
                        LinkRestoredPackages(work);
                        Bash(instruction.Text, work);
                        break;
                    default:
                        break;
                }
            }
        }

        return work;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>A process in a folder with our own environment, less what dotnet tells its children of the test run.</summary>
    public static ProcessStartInfo Command(string folder, params ReadOnlySpan<string> command)
    {
        ProcessStartInfo start = new(command[0]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in start.Environment.Keys.ToArray())
        {
            if (name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase))
            {
                start.Environment.Remove(name);
            }
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        return start;
    }

    private string Map(string stage, string path) => Path.Combine(_root, stage, path.TrimStart('/'));

    private void Copy(Instruction copy, string work)
    {
        string[] words = [.. copy.Words];
        string target = Path.GetFullPath(Path.Combine(work, words[^1]));
        foreach (string source in words[..^1])
        {
            string from = copy.Option("from") is { } stage ? Map(stage, source) : Repository.PathOf(source);
            if (File.Exists(from))
            {
                File.Copy(from, Path.Combine(target, Path.GetFileName(from)));
                continue;
            }

            foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                string inRepository = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
                if (copy.Option("from") is not null || !_ignore.Ignores(inRepository))
                {
                    string to = Path.Combine(target, Path.GetRelativePath(from, file));
                    Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                    File.Copy(file, to);
                }
            }
        }
    }

    // 400 MB that eng/setup.sh has already restored here from the same lock file are not fetched again.
    private static void LinkRestoredPackages(string work)
    {
        EnumerationOptions options = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (string path in Directory.EnumerateFiles(work, "package-lock.json", options).ToArray())
        {
            string folder = Path.GetDirectoryName(path)!;
            string restored = Repository.PathOf(Path.GetRelativePath(work, folder), "node_modules");
            string link = Path.Combine(folder, "node_modules");
            if (Directory.Exists(restored) && !Directory.Exists(link))
            {
                Directory.CreateSymbolicLink(link, restored);
            }
        }
    }

    private static void Bash(string command, string work)
    {
        using Process process = Process.Start(Command(work, "bash", "-c", command + " 2>&1"))!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"RUN {command}: exit code {process.ExitCode}\n{output}");
    }
}
