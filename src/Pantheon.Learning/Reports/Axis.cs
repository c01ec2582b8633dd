namespace Pantheon.Learning.Reports;

/// <summary>Where values stand between two edges of a drawing.</summary>
internal sealed class Axis(Ticks ticks, double start, double end)
{
    /// <summary>Room that a label keeps from the next one.</summary>
    private const double LabelGap = 18;

    public Ticks Ticks => ticks;

    /// <summary>The place of a value; one outside the axis stands at its edge.</summary>
    public double Place(double value) => start + ((Math.Clamp(value, ticks.Low, ticks.High) - ticks.Low) / (ticks.High - ticks.Low) * (end - start));

    /// <summary>A horizontal axis with as many marks as there is room for labels.</summary>
    /// <param name="make">Ticks for a number of intervals.</param>
    public static Axis Horizontal(Func<int, Ticks> make, double left, double right)
    {
        for (int most = 10; ; most--)
        {
            Ticks ticks = make(most);
            double widest = ticks.Labels.Length == 0 ? 0 : ticks.Labels.Max(label => TextWidth.Of(label, PlotStyle.FontSize));
            if (most <= 2 || widest + LabelGap <= (right - left) * ticks.Step / (ticks.High - ticks.Low))
            {
                return new Axis(ticks, left, right);
            }
        }
    }

    /// <summary>Grid, marks, labels and the name of a horizontal axis.</summary>
    /// <param name="top">Upper edge of the grid.</param>
    /// <param name="bottom">Where the axis lies.</param>
    /// <param name="name">The axis' name.</param>
    public void DrawBelow(Drawing drawing, double top, double bottom, string name)
    {
        double taken = double.NegativeInfinity;
        for (int index = 0; index < ticks.Values.Length; index++)
        {
            double place = Place(ticks.Values[index]);
            drawing.Line(place, top, place, bottom, "g");
            double half = TextWidth.Of(ticks.Labels[index], PlotStyle.FontSize) / 2;
            // Only where even the fewest marks are too many for a very narrow plot.
            if (place - half >= taken)
            {
                drawing.Text(place, bottom + 17, ticks.Labels[index], "middle", "q n");
                taken = place + half + (LabelGap / 3);
            }
        }

        drawing.Line(start, bottom, end, bottom, "a");
        drawing.Text((start + end) / 2, bottom + 36, TextWidth.Fit(name, PlotStyle.FontSize, end - start), "middle");
    }
}
