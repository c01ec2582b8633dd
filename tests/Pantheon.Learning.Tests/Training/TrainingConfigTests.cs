using Pantheon.Learning.Data;
using Pantheon.Learning.Training;
using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Ranking;

namespace Pantheon.Learning.Tests.Training;

public sealed class TrainingConfigTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Read_SomeKeys_TheOthersKeepTheirDefaults()
    {
        var config = Read("""
            // A comment.
            {"features": {"history_length": 7}, "model": {"ranking": {"sharing": "progressive_layered_extraction"},
             "heads": [{"name": "h", "network": {"encoder": "transformer"}, "weights": {"is_click": 2}}]}, "training": {"seed": 5, "rate": 0.01}}
            """);

        Assert.Equal(7, config.Features.HistoryLength);
        Assert.Equal(new FeatureOptions().MinCount, config.Features.MinCount);
        Assert.Equal(Sharing.ProgressiveLayeredExtraction, config.Model.Ranking.Sharing);
        Assert.Equal(PantheonEncoder.Transformer, config.Model.Heads[0].Network.Encoder);
        Assert.Equal(2, config.Model.Heads[0].Weights!["is_click"]);
        Assert.Equal((5UL, 0.01, 2048), (config.Training.Seed, config.Training.Rate, config.Training.BatchSize));
    }

    [Fact]
    public void ToJson_ReadBack_IsTheSame() => Assert.Equal(new TrainingConfig().ToJson(), Read(new TrainingConfig().ToJson()).ToJson());

    [Theory]
    [InlineData("""{"training": {"epoch": 3}}""", "line 1: The JSON property 'epoch' could not be mapped")]
    [InlineData("{\n\"training\": {\"epochs\": \"three\"}}", "line 2: The JSON value could not be converted to System.Int32")]
    [InlineData("{", "line 1: ")]
    [InlineData("null", "null came, expected an object")]
    [InlineData("""{"training": {"batch_size": 0}}""", "training.batch_size: 0 came, expected 1 or more")]
    [InlineData("""{"training": {"rate": -1}}""", "training.rate: -1 came, expected a finite number above 0")]
    [InlineData("""{"model": {"heads": []}}""", "model.heads: none came, expected one at least")]
    [InlineData("""{"model": {"heads": [{"name": "a"}, {"name": "a"}]}}""", "model.heads.name: 'a' came, expected a name of letters")]
    [InlineData("""{"model": {"heads": [{"name": "ranking"}]}}""", "model.heads.name: 'ranking' came")]
    [InlineData("""{"model": {"heads": [{"network": {"encoder": "transformer", "heads": 3}}]}}""", "model.heads.network.heads: 3 came, expected a divisor of token_width, 32")]
    [InlineData("""{"model": {"heads": [{"network": {"encoder": "none"}}]}}""", "model.heads.network.encoder: none came, expected network.personal with it")]
    [InlineData("""{"ippo": {"window": "00:00:01"}}""", "ippo.window: 00:00:01 came, expected a minute or more")]
    [InlineData("""{"ippo": {"policy": {"delta": 0}}}""", "ippo.policy.delta: 0 came, expected a finite number above 0")]
    [InlineData("""{"features": {"keep_user_one_in": 0}}""", "option KeepUserOneIn: 0 came, expected 1 or more")]
    [InlineData("""{"model": {"heads": [{"weights": {"is_click": 0}}]}}""", "model.heads.weights.is_click: 0 came, expected a finite number above 0")]
    [InlineData("""{"model": {"ranking": {"tower_layers": []}}}""", "model.ranking.tower_layers: [] came, expected one width at least")]
    [InlineData("""{"features": {"history_length": 0}}""", "option HistoryLength: 0 came, expected 1 to 10,000 places")]
    public void Read_WrongFile_SaysWhere(string text, string reason)
    {
        var error = Assert.Throws<DataException>(() => Read(text));

        Assert.StartsWith($"{_path}: {reason}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoFile_SaysSo() =>
        Assert.Equal("nowhere.json: no such file, expected a training configuration", Assert.Throws<DataException>(() => TrainingConfig.Read("nowhere.json")).Message);

    private TrainingConfig Read(string text)
    {
        File.WriteAllText(_path, text);
        return TrainingConfig.Read(_path);
    }
}
