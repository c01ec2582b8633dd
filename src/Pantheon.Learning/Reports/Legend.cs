namespace Pantheon.Learning.Reports;

/// <summary>Names with their colours, one below the other, at the right edge of a drawing.</summary>
internal sealed class Legend
{
    private const double Row = 20;
    private const double Key = 34;

    /// <summary>The width it has at most if nobody asks for less.</summary>
    public const double Widest = 270;

    private readonly string[] _names;

    public Legend(IReadOnlyList<string> names, double widest = Widest)
    {
        _names = new string[names.Count];
        for (int index = 0; index < _names.Length; index++)
        {
            _names[index] = TextWidth.Fit(names[index], PlotStyle.FontSize, widest - Key);
            Width = Math.Max(Width, Key + TextWidth.Of(_names[index], PlotStyle.FontSize));
        }

        Height = _names.Length * Row;
    }

    public double Width { get; }

    public double Height { get; }

    /// <param name="draw">Draws the key of a series at a place (left, middle, right).</param>
    public void Draw(Drawing drawing, double left, double top, Action<int, double, double, double> draw)
    {
        for (int index = 0; index < _names.Length; index++)
        {
            double middle = top + (Row * index) + (Row / 2);
            draw(index, left, middle, left + Key - 8);
            drawing.Text(left + Key, middle + Drawing.Foot, _names[index]);
        }
    }
}
