using Pantheon.Learning.Data;
using Pantheon.Learning.Policies;
using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Ranking;

namespace Pantheon.Learning.Training;

/// <summary>What a configuration must hold before anything is read or built; messages name the key as the file has it.</summary>
internal static class TrainingConfigRules
{
    /// <exception cref="DataException">The first rule that does not hold.</exception>
    public static void Check(TrainingConfig config)
    {
        config.Features.Validate();
        Check(config.Model.Ranking);
        Require(config.Model.Heads.Count > 0, "model.heads", "none", "one at least: its score is what candidates are ranked by");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var head in config.Model.Heads)
        {
            Require(IsName(head.Name) && head.Name != "ranking" && names.Add(head.Name), "model.heads.name", $"'{head.Name}'", "a name of letters, digits, '_' and '-', each once, and not 'ranking'");
            Check(head);
        }

        Check(config.Training);
        Check(config.Ippo);
        var users = config.Training.Order == RowOrder.Users;
        Require(
            users || config.Model.Heads.All(head => head.Loss != HeadLoss.Pairwise), "model.heads.loss", "pairwise", "training.order 'users' with it: its pairs are of one user");
        Require(users || config.Training.RankingPairwise == 0, "training.ranking_pairwise", config.Training.RankingPairwise, "training.order 'users' with it: its pairs are of one user");
    }

    private static void Check(RankingOptions ranking)
    {
        Positive("model.ranking.embedding_width", ranking.EmbeddingWidth);
        Positive("model.ranking.experts", ranking.Experts);
        Require(ranking.OwnExperts >= 0, "model.ranking.own_experts", ranking.OwnExperts, "0 or more");
        Widths("model.ranking.expert_layers", ranking.ExpertLayers);
        Widths("model.ranking.tower_layers", ranking.TowerLayers);
        Require(ranking.AttentionWidth >= 0, "model.ranking.attention_width", ranking.AttentionWidth, "0 or more");
        Require(ranking.CrossWidth >= 0, "model.ranking.cross_width", ranking.CrossWidth, "0 or more");
        Require(ranking.PriorStrength > 0 && float.IsFinite(ranking.PriorStrength), "model.ranking.prior_strength", ranking.PriorStrength, "a finite number above 0");
    }

    private static void Check(HeadOptions head)
    {
        var network = head.Network;
        Require(network.EmbeddingWidth >= 0, "model.heads.network.embedding_width", network.EmbeddingWidth, "0 or more");
        Require(network.Encoder != PantheonEncoder.None || network.Personal, "model.heads.network.encoder", "none", "network.personal with it: something has to make the score");
        if (network.Encoder == PantheonEncoder.Mlp)
        {
            Widths("model.heads.network.layers", network.Layers);
        }
        else if (network.Encoder == PantheonEncoder.Transformer)
        {
            Positive("model.heads.network.token_width", network.TokenWidth);
            Require(
                network.Heads > 0 && network.TokenWidth % network.Heads == 0, "model.heads.network.heads", network.Heads, $"a divisor of token_width, {network.TokenWidth}");
        }

        foreach (var (objective, weight) in head.Weights ?? new Dictionary<string, double>())
        {
            Require(double.IsFinite(weight) && weight > 0, $"model.heads.weights.{objective}", weight, "a finite number above 0");
        }
    }

    private static void Check(TrainingOptions training)
    {
        Positive("training.batch_size", training.BatchSize);
        Positive("training.epochs", training.Epochs);
        Require(
            training.Order != RowOrder.Users || (training.GroupRows >= 2 && training.BatchSize % training.GroupRows == 0),
            "training.group_rows", training.GroupRows, $"2 or more, and a divisor of batch_size, {training.BatchSize}");
        Require(training.RankingPairwise >= 0 && double.IsFinite(training.RankingPairwise), "training.ranking_pairwise", training.RankingPairwise, "a finite number, 0 or more");
        Require(training.Rate > 0 && double.IsFinite(training.Rate), "training.rate", training.Rate, "a finite number above 0");
        Require(training.WarmupSteps >= 0, "training.warmup_steps", training.WarmupSteps, "0 or more");
        Require(training.Floor is >= 0 and <= 1, "training.floor", training.Floor, "0 to 1");
        Require(training.TableRate > 0 && double.IsFinite(training.TableRate), "training.table_rate", training.TableRate, "a finite number above 0");
        Require(training.WeightDecay >= 0 && double.IsFinite(training.WeightDecay), "training.weight_decay", training.WeightDecay, "a finite number, 0 or more");
        Require(training.ClipNorm > 0, "training.clip_norm", training.ClipNorm, "a number above 0");
        Require(training.Threads >= 0, "training.threads", training.Threads, "0 or more");
    }

    private static void Check(IppoStreamOptions ippo)
    {
        Require(ippo.Warmup >= TimeSpan.FromMinutes(1), "ippo.warmup", ippo.Warmup, "a minute or more");
        Require(ippo.Window >= TimeSpan.FromMinutes(1), "ippo.window", ippo.Window, "a minute or more");
        var policy = ippo.Policy;
        Require(policy.FamilyWiseError is > 0 and < 1, "ippo.policy.family_wise_error", policy.FamilyWiseError, "a number between 0 and 1");
        Positive("ippo.policy.minimum_users", policy.MinimumUsers);
        Require(policy.ConfirmWindows >= 0, "ippo.policy.confirm_windows", policy.ConfirmWindows, "0 or more");
        Require(policy.Delta > 0 && double.IsFinite(policy.Delta), "ippo.policy.delta", policy.Delta, "a finite number above 0");
        Require(policy.BurnInWindows >= 0, "ippo.policy.burn_in_windows", policy.BurnInWindows, "0 or more");
        Positive("ippo.policy.judged_windows", policy.JudgedWindows);
    }

    private static void Widths(string key, IReadOnlyList<int> widths) =>
        Require(widths.Count > 0 && widths.All(width => width > 0), key, $"[{string.Join(", ", widths)}]", "one width at least, each 1 or more");

    private static void Positive(string key, int value) => Require(value >= 1, key, value, "1 or more");

    private static void Require(bool holds, string key, object came, string expected)
    {
        if (!holds)
        {
            throw new DataException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key}: {came} came, expected {expected}"));
        }
    }

    private static bool IsName(string name) => name.Length is > 0 and <= 64 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');
}
