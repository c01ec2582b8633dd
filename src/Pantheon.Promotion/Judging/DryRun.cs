using Pantheon.Exposures.Joining;
using Pantheon.Learning.Policies;

namespace Pantheon.Promotion;

/// <summary>One window, judged and decided on.</summary>
/// <param name="Decision">The journal's line.</param>
/// <param name="Joined">What the join met.</param>
/// <param name="Judged">What was judged on.</param>
public sealed record DryRunStep(IppoDecision Decision, JoinCounts Joined, JudgedCounts Judged);

/// <summary>
/// IPPO's decisions about one reference on live exposures, in their order, journaled and without effect: it neither trains nor changes
/// what serves. What its journal has already is replayed and not judged again, so it goes on where it, or a crash, stopped.
/// </summary>
public sealed class DryRun
{
    private readonly ExposureJoin _join;
    private readonly JoinOptions _options;
    private readonly WindowJudge _judge;
    private readonly Contender _base;
    private readonly Contender _reference;
    private readonly IppoPolicy _policy;
    private readonly HashSet<string> _done;
    private readonly string[] _objectives;
    private bool _isBegun;

    /// <param name="join">Where windows come from.</param>
    /// <param name="options">How they are cut.</param>
    /// <param name="exposures">Which exposures count.</param>
    /// <param name="policy">How much evidence it takes.</param>
    /// <param name="journal">What was decided so far, oldest first.</param>
    /// <exception cref="InvalidDataException">The journal is of other contenders, objectives or options.</exception>
    public DryRun(
        ExposureJoin join, JoinOptions options, JudgedExposures exposures, Contender @base, Contender reference, IppoOptions policy, IReadOnlyList<PromotionEntry> journal)
    {
        (_join, _options, _base, _reference) = (join, options, @base, reference);
        string[] objectives = [.. options.Labels.Select(label => label.Objective)];
        (_objectives, _isBegun) = (objectives, journal.Count > 0);
        double[] equal = [.. objectives.Select(_ => 1.0)];
        _judge = new WindowJudge(objectives, exposures);
        // Bundles do not say what weights they were trained with; those that the policy raises are advice to whoever trains the next.
        _policy = new IppoPolicy(reference.Name, objectives, equal, equal, policy);
        if (journal is [{ Objectives: var theirs, Model: var about }, ..] && (about != reference.Name || theirs?.SequenceEqual(objectives) != true))
        {
            throw new InvalidDataException($"the journal is about '{about}' and {string.Join(", ", theirs ?? [])}, expected '{reference.Name}' and {string.Join(", ", objectives)}: another reference has a journal of its own");
        }

        IppoDecision[] decisions = [.. journal.Select(entry => entry.Decision).OfType<IppoDecision>()];
        _policy.Replay(decisions);
        _done = [.. decisions.Select(decision => decision.Window.Name)];
    }

    /// <summary>Judges the windows that begin at a time or later, are closed, and were not judged before, oldest first.</summary>
    /// <param name="from">The first window's earliest time.</param>
    /// <param name="now">What is closed is closed by then.</param>
    /// <param name="journal">Gets each decision before it is returned.</param>
    public async IAsyncEnumerable<DryRunStep> RunAsync(
        DateTimeOffset from, DateTimeOffset now, JsonLines journal, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var window in _options.Closed(from, now))
        {
            cancellation.ThrowIfCancellationRequested();
            var joined = await _join.ReadAsync(window, cancellation).ConfigureAwait(false);
            var (judged, counts) = _judge.Judge(joined, _base, _reference);
            if (!_done.Add(judged.Name))
            {
                continue;
            }

            if (!_isBegun)
            {
                journal.Append(new PromotionEntry(now, PromotionEvent.Begun, $"{_reference.Name} against {_base.Name}: a dry run") { Model = _reference.Name, Objectives = _objectives });
                _isBegun = true;
            }

            var decision = _policy.Decide(judged);
            journal.Append(new PromotionEntry(now, PromotionEvent.Decided, decision.Reason) { Through = window.To, Decision = decision, Joined = joined.Counts, Judged = counts });
            yield return new DryRunStep(decision, joined.Counts, counts);
        }
    }
}
