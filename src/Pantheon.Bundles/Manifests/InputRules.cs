namespace Pantheon.Bundles;

/// <summary>What one input must obey.</summary>
internal static class InputRules
{
    private const int MaxRank = 8;

    /// <summary>64 MiB of floats per candidate: a shape above it is a mistake, and its width must fit an int.</summary>
    private const long MaxWidth = 1 << 24;

    public static void Check(InputSpec input, string key)
    {
        CheckShape(input, $"{key}.shape");
        if (input.Type == ElementType.Float)
        {
            if (input.Range is not null)
            {
                throw ManifestRules.Refused($"{key}.range", $"a range on a float input", "none: only int64 inputs are ids");
            }

            if (input.Vocabulary is not null)
            {
                throw ManifestRules.Refused($"{key}.vocabulary", $"a vocabulary on a float input", "none: only int64 inputs are ids");
            }
        }
        else if (input.AllowNonFinite)
        {
            throw ManifestRules.Refused($"{key}.allow_non_finite", $"true on an int64 input", "false: an integer is always finite");
        }

        if (input.Range is { } range && (range.Min < 0 || range.Min > range.Max))
        {
            throw ManifestRules.Refused($"{key}.range", $"{range.Min} to {range.Max}", "0 <= min <= max");
        }

        if (input.Vocabulary is { } vocabulary)
        {
            var (lowest, highest) = VocabularyFile.Rows(input.Range);
            if (vocabulary.UnknownRow < lowest || vocabulary.UnknownRow > highest)
            {
                throw ManifestRules.Refused($"{key}.vocabulary.unknown_row", $"{vocabulary.UnknownRow}", $"a row from {lowest} to {highest}");
            }
        }
    }

    private static void CheckShape(InputSpec input, string key)
    {
        if (input.Shape.Count > MaxRank)
        {
            throw ManifestRules.Refused(key, $"{input.Shape.Count} dimensions", $"at most {MaxRank}");
        }

        var candidates = 0;
        var width = 1L;
        foreach (var dimension in input.Shape)
        {
            if (dimension is null)
            {
                // Otherwise the numbers of one candidate are not together, and candidates are not rows.
                if (width != 1)
                {
                    throw ManifestRules.Refused(key, $"the candidate dimension (null) after one above 1", "only dimensions of 1 before it");
                }

                candidates++;
                continue;
            }

            if (dimension <= 0 || dimension > MaxWidth)
            {
                throw ManifestRules.Refused(key, $"dimension {dimension}", $"1 to {MaxWidth}, or null for the candidate dimension");
            }

            width *= dimension.Value;
            if (width > MaxWidth)
            {
                throw ManifestRules.Refused(key, $"a product of known dimensions above {MaxWidth}", $"at most {MaxWidth}");
            }
        }

        if (candidates > 1 || (candidates == 0 && input.Side == FeatureSide.Candidate))
        {
            var expected = input.Side == FeatureSide.Candidate ? "exactly one" : "at most one";
            throw ManifestRules.Refused(key, $"{candidates} candidate dimensions (null)", expected);
        }
    }
}
