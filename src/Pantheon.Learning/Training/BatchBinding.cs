using Pantheon.Learning.Data;
using Pantheon.Modeling.Features;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Training;

/// <summary>Binds a batch's features and a network's parameters to a run whose graph may not use all of them.</summary>
internal static class BatchBinding
{
    public static void BindFeatures(this GraphRun run, GraphSession session, FeatureBatch batch)
    {
        for (var index = 0; index < batch.Schema.Features.Count; index++)
        {
            var feature = batch.Schema.Features[index];
            if (!session.Inputs.Has(feature.Name))
            {
                continue;
            }

            // The graph says where the rows stand: a frozen model's need not come first.
            long[] shape = [.. session.Inputs.First(input => input.Name == feature.Name).Shape.Select(size => size ?? batch.Capacity)];
            if (feature is IdFeature or HistoryFeature)
            {
                run.BindInput(session, feature.Name, batch.Ids(index), shape);
            }
            else
            {
                run.BindInput(session, feature.Name, batch.Numbers(index), shape);
            }
        }
    }

    public static void BindParameters(this GraphRun run, GraphSession session, ParameterBuffers parameters)
    {
        foreach (var spec in parameters.Specs)
        {
            if (session.Inputs.Has(spec.Name))
            {
                run.BindInput(session, spec.Name, parameters[spec.Name], [.. spec.Shape.Select(size => (long)size)]);
            }
        }
    }
}
