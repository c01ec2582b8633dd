namespace Pantheon.Learning.Search;

/// <summary>Fusion formulas with one parameter a for each objective's Pxtr p.</summary>
public enum FormulaFamily
{
    /// <summary><c>prod (1 + p)^a</c>: the products of Pantheon Eq. 3.</summary>
    OnePlusProduct,

    /// <summary><c>prod max(p, floor)^a</c>.</summary>
    PowerProduct,

    /// <summary><c>sum a log max(p, floor)</c>: ranks as <see cref="PowerProduct"/> does; its scores lie otherwise.</summary>
    LogLinear,

    /// <summary><c>sum a p</c>: what a single head with weighted losses converges to.</summary>
    LinearSum,
}
