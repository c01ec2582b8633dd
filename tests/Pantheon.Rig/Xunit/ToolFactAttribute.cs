using Xunit;

namespace Pantheon.Rig;

/// <summary>A test that needs a server which is not ours, skipped where that cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    /// <param name="tools">What it needs.</param>
    public ToolFactAttribute(params Tool[] tools) =>
        Skip = tools.Where(tool => ForeignTools.Find(tool) is null).Select(tool => $"{tool} is not here, and eng/foreign.sh could not install it").FirstOrDefault();
}
