using Pantheon.Learning.Optimizers;
using Pantheon.Modeling.Layers;

namespace Pantheon.Learning.Training;

/// <summary>An embedding table in training: its values, the gradients that one batch gives it, and its optimizer.</summary>
/// <param name="spec">Its name and shape.</param>
/// <param name="values">[rows, width]; bound to the graph.</param>
internal sealed class LearnedTable(ParameterSpec spec, float[] values, SparseOptimizer optimizer)
{
    private readonly List<TablePlace> _places = [];

    public ParameterSpec Spec => spec;

    public float[] Values => values;

    /// <summary>The rows that the batch read, and their gradients.</summary>
    public SparseGradient Sum { get; } = new(spec.Shape[0], spec.Shape[1]);

    public SparseOptimizer Optimizer => optimizer;

    /// <summary>Floats that a full batch's gradients have: what its part of the work is measured by.</summary>
    public long Work => _places.Sum(place => (long)place.Gradients.Length);

    /// <summary>What its gradients are multiplied with first in the next update; NaN: it is left out.</summary>
    public float Scale { get; set; }

    /// <summary>Adds a place where the graph reads it.</summary>
    public void Add(TablePlace place) => _places.Add(place);

    /// <summary>Sums the gradients of the batch's first rows; a row that only fills the batch touches no row of the table.</summary>
    public void Collect(int count)
    {
        Sum.Clear();
        foreach (var place in _places)
        {
            var ids = count * place.Width;
            Sum.Add(place.Ids.AsSpan(0, ids), place.Gradients.AsSpan(0, ids * spec.Shape[1]));
        }
    }

    public void Update(double rate)
    {
        if (!float.IsNaN(Scale))
        {
            optimizer.Step(values, Sum, rate, Scale);
        }
    }
}

/// <summary>One place where the graph reads a table.</summary>
/// <param name="Ids">Which rows: [capacity, Width].</param>
/// <param name="Width">Ids per row of the batch.</param>
/// <param name="Gradients">The gradient of each: [capacity * Width, table's width].</param>
internal sealed record TablePlace(long[] Ids, int Width, float[] Gradients);
