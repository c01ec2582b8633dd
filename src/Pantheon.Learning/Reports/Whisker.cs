namespace Pantheon.Learning.Reports;

/// <summary>An interval as a line with a short bar at each end.</summary>
internal static class Whisker
{
    private const double Cap = 3.5;

    public static void Draw(Drawing drawing, double from, double to, double middle, string kind)
    {
        string up = NumberText.Coordinate(middle - Cap);
        string down = NumberText.Coordinate(middle + Cap);
        (string start, string end) = (NumberText.Coordinate(from), NumberText.Coordinate(to));
        drawing.Path($"M{start} {NumberText.Coordinate(middle)}H{end}M{start} {up}V{down}M{end} {up}V{down}", kind);
    }
}
