namespace Pantheon.Learning.Reports;

/// <summary>Draws a <see cref="BarPlot"/>.</summary>
internal static class BarPlotDrawing
{
    private const double Top = 8;
    private const double Bar = 16;
    private const double CategoryGap = 10;
    private const double Below = 46;
    private const double Gap = 18;
    private const double WidestName = 200;
    private const double NarrowestName = 80;
    private const double NarrowestPlot = 240;

    public static Drawing Draw(BarPlot plot)
    {
        foreach (BarSeries series in plot.Series)
        {
            if (series.Values.Count != plot.Categories.Count)
            {
                throw new ArgumentException(
                    $"{plot.Title}: {series.Values.Count} values of {series.Name}, expected {plot.Categories.Count}, one for each category", nameof(plot));
            }
        }

        Estimate[] values = [.. plot.Series.SelectMany(series => series.Values)];
        double numbers = 10 + values.Select(value => TextWidth.Of(Number(plot, value), PlotStyle.FontSize)).DefaultIfEmpty(0).Max();
        // Names give way to the bars, the legend's first.
        double room = Math.Max(2 * NarrowestName, Drawing.Width - numbers - NarrowestPlot);
        var legend = new Legend([.. plot.Series.Select(series => series.Name)], Math.Min(Legend.Widest, room / 2));
        bool hasLegend = plot.Series.Count > 1;
        double beside = hasLegend ? legend.Width + Gap : 0;
        double names = plot.Categories.Select(name => TextWidth.Of(name, PlotStyle.FontSize)).DefaultIfEmpty(0).Max();
        double left = 12 + Math.Min(Math.Min(WidestName, room - beside), names);
        double edge = Drawing.Width - beside;
        (double low, double high) = Range(values);
        Axis x = Axis.Horizontal(most => Ticks.Around(low, high, most), left, edge - numbers);
        double block = (Bar * plot.Series.Count) + CategoryGap;
        double bottom = Math.Max(Top + (block * plot.Categories.Count), hasLegend ? Top + legend.Height : 0);
        var drawing = new Drawing(plot.Title);

        x.DrawBelow(drawing, Top, bottom, plot.XLabel);
        for (int category = 0; category < plot.Categories.Count; category++)
        {
            double top = Top + (block * category) + (CategoryGap / 2);
            string name = TextWidth.Fit(plot.Categories[category], PlotStyle.FontSize, left - 10);
            drawing.Text(left - 8, top + ((block - CategoryGap) / 2) + Drawing.Foot, name, "end");
            for (int series = 0; series < plot.Series.Count; series++)
            {
                Estimate value = plot.Series[series].Values[category];
                double middle = top + (Bar * series) + (Bar / 2);
                Draw(drawing, value, series, x, middle);
                drawing.Text(edge - 2, middle + Drawing.Foot, Number(plot, value), "end", "q n");
            }
        }

        drawing.Line(x.Place(0), Top, x.Place(0), bottom, "a");
        if (hasLegend)
        {
            legend.Draw(
                drawing, edge + Gap, Top, (series, from, middle, to) => drawing.Rectangle(from, middle - 5, to - from, 10, PlotStyle.Fill(series)));
        }

        drawing.Finish(bottom + Below);
        return drawing;
    }

    private static void Draw(Drawing drawing, Estimate value, int series, Axis x, double middle)
    {
        if (!double.IsFinite(value.Value))
        {
            return;
        }

        (double from, double to) = (Math.Min(x.Place(0), x.Place(value.Value)), Math.Max(x.Place(0), x.Place(value.Value)));
        drawing.Rectangle(from, middle - (Bar / 2) + 1.5, to - from, Bar - 3, PlotStyle.Fill(series));
        if (value.HasInterval)
        {
            // In two colours, since it lies half on the bar and half on the paper.
            Whisker.Draw(drawing, x.Place(value.Low), x.Place(value.High), middle, "h");
            Whisker.Draw(drawing, x.Place(value.Low), x.Place(value.High), middle, "k");
        }
    }

    private static string Number(BarPlot plot, Estimate value) => NumberText.Of(value, plot.Format, IntervalForm.PlusMinus);

    private static (double Low, double High) Range(Estimate[] values)
    {
        (double low, double high) = (0, 0);
        foreach (Estimate value in values)
        {
            foreach (double end in (ReadOnlySpan<double>)[value.Value, value.Low, value.High])
            {
                if (double.IsFinite(end) && double.IsFinite(value.Value))
                {
                    (low, high) = (Math.Min(low, end), Math.Max(high, end));
                }
            }
        }

        return low == high ? (0, 1) : (low, high);
    }
}
