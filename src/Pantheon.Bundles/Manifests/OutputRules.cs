namespace Pantheon.Bundles;

/// <summary>What outputs and objectives must obey together.</summary>
internal static class OutputRules
{
    private const int MaxColumns = 1024;

    public static void Check(Manifest manifest)
    {
        var scores = 0;
        var pxtrs = 0;
        var columns = 0L;
        for (var index = 0; index < manifest.Outputs.Count; index++)
        {
            var output = manifest.Outputs[index];
            CheckShape(output, $"outputs[{index}].shape");
            if (output.Role == OutputRole.Score)
            {
                scores++;
            }
            else
            {
                pxtrs++;
                columns += output.Columns;
            }
        }

        if (scores != 1)
        {
            throw ManifestRules.Refused("outputs", $"{scores} of role \"score\"", "exactly one");
        }

        if (columns != manifest.Objectives.Count)
        {
            throw ManifestRules.Refused(
                "objectives", $"{manifest.Objectives.Count} named", $"{columns}, as the pxtr outputs have {columns} columns together");
        }

        if (pxtrs > 1 && pxtrs != columns)
        {
            throw ManifestRules.Refused(
                "outputs", $"{pxtrs} of role \"pxtr\" with {columns} columns together", "one output of all columns, or one per objective");
        }
    }

    private static void CheckShape(OutputSpec output, string key)
    {
        var isRow = output.Shape.Count is 1 or 2 && output.Shape[0] is null;
        var columns = output.Shape.Count == 2 ? output.Shape[1] : 1;
        var most = output.Role == OutputRole.Score ? 1 : MaxColumns;
        if (!isRow || columns is null or < 1 || columns > most)
        {
            var shape = string.Join(", ", output.Shape.Take(8).Select(dimension => dimension is { } known ? $"{known}" : "null"));
            var expected = output.Role == OutputRole.Score
                ? "[null] or [null, 1], null being the candidate dimension"
                : $"[null] or [null, M], null being the candidate dimension and M from 1 to {MaxColumns}";
            throw ManifestRules.Refused(key, $"[{shape}]", expected);
        }
    }
}
