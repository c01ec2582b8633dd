using System.Buffers;

namespace Pantheon.Serving.Observability;

/// <summary>
/// Answers a scrape. Scrapes that come together are answered one after the other; each holds the exporter's buffer only
/// until its text is copied to the response, never while a slow reader takes it.
/// </summary>
internal sealed class PrometheusEndpoint(PrometheusExporter exporter) : IDisposable
{
    /// <summary>Prometheus gives a scrape up after 10 s unless told otherwise, so nothing is won by collecting longer.</summary>
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1, 1);

    public async Task AnswerAsync(HttpContext context)
    {
        CancellationToken left = context.RequestAborted;
        HttpResponse response = context.Response;
        await _one.WaitAsync(left);
        try
        {
            if (exporter.TryScrape(s_timeout))
            {
                response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                response.ContentLength = exporter.Text.Length;
                response.BodyWriter.Write(exporter.Text);
            }
            else
            {
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
        }
        finally
        {
            _one.Release();
        }

        await response.BodyWriter.FlushAsync(left);
    }

    public void Dispose() => _one.Dispose();
}
