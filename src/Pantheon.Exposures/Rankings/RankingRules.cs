using System.Globalization;

namespace Pantheon.Exposures.Rankings;

/// <summary>What a ranking must be to be stored. Its texts come from outside, so a store must not meet one that it cannot keep.</summary>
internal static class RankingRules
{
    private const int TextLength = 1024;
    private const int MaxItems = 65_536;

    /// <summary>Why it cannot be stored; null if it can.</summary>
    public static ExposureFault? Check(Ranking ranking)
    {
        if (!RankingId.TryTimeOf(ranking.Id, out _))
        {
            return new ExposureFault("id", ranking.Id.ToString(), "a UUID of version 7");
        }

        if (ranking.Items.Count > MaxItems)
        {
            return new ExposureFault("items", Text(ranking.Items.Count), $"at most {MaxItems} items");
        }

        if (ranking.Arm is not (RankingArm.Base or RankingArm.Canary or RankingArm.Pinned))
        {
            return new ExposureFault("arm", Text((int)ranking.Arm), "a known arm");
        }

        if (ranking.Candidates < 0)
        {
            return new ExposureFault("candidates", Text(ranking.Candidates), "at least 0");
        }

        return CheckText("request_id", ranking.RequestId) ?? CheckText("user_key", ranking.UserKey) ?? CheckText("scenario", ranking.Scenario)
            ?? CheckText("model", ranking.Model) ?? CheckText("digest", ranking.Digest) ?? CheckItems(ranking.Items);
    }

    /// <summary>Whose data is to be deleted.</summary>
    public static ExposureFault? CheckUser(string userKey) => userKey.Length == 0
        ? new ExposureFault("user_key", "an empty text", "a user")
        : CheckText("user_key", userKey);

    private static ExposureFault? CheckItems(IReadOnlyList<RankedExposure> items)
    {
        for (var rank = 0; rank < items.Count; rank++)
        {
            var item = items[rank];
            if (item.Position < 0)
            {
                return new ExposureFault($"items[{rank}].position", Text(item.Position), "at least 0");
            }

            if (!(item.Propensity > 0 && item.Propensity <= 1))
            {
                return new ExposureFault($"items[{rank}].propensity", Text(item.Propensity), "above 0 and at most 1");
            }
        }

        return null;
    }

    // PostgreSQL's text has no U+0000, and UTF-8 no half of a surrogate pair.
    private static ExposureFault? CheckText(string field, string value)
    {
        if (value.Length > TextLength)
        {
            return new ExposureFault(field, ExposureFault.Quote(value), $"at most {TextLength} characters");
        }

        for (var at = 0; at < value.Length; at++)
        {
            var pair = char.IsHighSurrogate(value[at]) && at + 1 < value.Length && char.IsLowSurrogate(value[at + 1]);
            at += pair ? 1 : 0;
            if (!pair && (value[at] == 0 || char.IsSurrogate(value[at])))
            {
                return new ExposureFault(field, "a text with U+0000 or half a surrogate pair", "text");
            }
        }

        return null;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
