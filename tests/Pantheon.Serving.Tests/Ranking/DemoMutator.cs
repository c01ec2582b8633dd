using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Ranking;

/// <summary>
/// Golden requests of the shipped model that are a little wrong: with the real features' names, so that most get past the
/// decoder and deep into the engine. The same seed gives the same bytes.
/// </summary>
internal sealed class DemoMutator(int seed)
{
    private static readonly DemoModel Model = DemoModel.Shipped;

    private static readonly RankRequest[] Golden =
        [.. from golden in Model.Goldens.Take(2) from form in (ValueForm[])[ValueForm.Data, ValueForm.Lists] select Model.Request(golden, form)];

    private readonly Random _random = new(seed);

    /// <summary>An encoded RankRequest.</summary>
    public byte[] Request() => Broken(Changed().ToByteArray());

    /// <summary>An encoded RankStreamRequest.</summary>
    public byte[] StreamRequest() => Broken(new RankStreamRequest { Request = Changed(), TimeoutMs = _random.Next(8) == 0 ? _random.Next(-2, 5000) : 0 }.ToByteArray());

    private byte[] Broken(byte[] bytes) => _random.Next(2) == 0 ? new RequestMutator(_random.Next()).Mutate(bytes) : bytes;

    private RankRequest Changed()
    {
        // Small ones, as a rule: what is wrong matters, not how much of it there is.
        var request = Golden[_random.Next(8) == 0 ? _random.Next(Golden.Length) : _random.Next(2)].Clone();
        for (var changes = _random.Next(4); changes > 0; changes--)
        {
            Change(request);
        }

        return request;
    }

    private void Change(RankRequest request)
    {
        var features = _random.Next(2) == 0 ? request.UserFeatures : request.CandidateFeatures;
        var feature = features.Count > 0 ? features[_random.Next(features.Count)] : new Feature();
        switch (_random.Next(14))
        {
            case 0:
                features.Remove(feature);
                break;
            case 1:
                features.Add(feature.Clone());
                break;
            case 2:
                request.UserFeatures.Add(feature);
                break;
            case 3:
                feature.Name = _random.Next(2) == 0 ? "item_dense" : "user_id";
                break;
            case 4:
                feature.Type = (DataType)_random.Next(-1, 6);
                break;
            case 5:
                feature.Data = ByteString.CopyFrom(Bytes(Math.Max(0, feature.Data.Length + _random.Next(-9, 10))));
                break;
            case 6:
                feature.Data = ByteString.CopyFrom(Bytes(feature.Data.Length));
                break;
            case 7:
                feature.Floats.Add(Float());
                break;
            case 8:
                Replace(feature);
                break;
            case 9:
                feature.Int64S.Add(_random.NextInt64(long.MinValue, long.MaxValue));
                break;
            case 10:
                request.TopK = _random.Next(-2, 2000);
                request.Output = new OutputOptions { All = Flip(), Pxtrs = Flip(), RawScores = Flip() };
                break;
            case 11:
                request.CandidateIds.Add(_random.NextInt64(long.MinValue, long.MaxValue));
                break;
            case 12:
                request.Version = _random.Next(-1, 4);
                request.Model = _random.Next(3) == 0 ? "nobody" : "";
                break;
            default:
                request.Scenario = new string('s', _random.Next(120, 135));
                break;
        }
    }

    private void Replace(Feature feature)
    {
        for (var i = 0; i < feature.Floats.Count; i++)
        {
            if (_random.Next(4) == 0)
            {
                feature.Floats[i] = Float();
            }
        }

        for (var i = 0; i < feature.Int64S.Count; i++)
        {
            feature.Int64S[i] = _random.Next(3) == 0 ? _random.NextInt64(long.MinValue, long.MaxValue) : _random.Next(4000);
        }
    }

    private bool Flip() => _random.Next(2) == 0;

    private float Float() => _random.Next(8) switch
    {
        0 => float.NaN,
        1 => float.NegativeInfinity,
        2 => float.MaxValue,
        3 => float.Epsilon,
        _ => _random.NextSingle(),
    };

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
