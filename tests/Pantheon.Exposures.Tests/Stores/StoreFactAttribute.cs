using System.ComponentModel;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Pantheon.Exposures.Tests.Stores;

/// <summary>A test of a store, skipped in the classes that need PostgreSQL where it cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Pantheon.Exposures.Tests.Stores." + nameof(StoreFactDiscoverer), "Pantheon.Exposures.Tests")]
public sealed class StoreFactAttribute : FactAttribute;

public sealed class StoreFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new StoreTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

/// <summary>A test whose class, and not whose attribute, decides whether it is skipped: the suite is one and the stores are two.</summary>
public sealed class StoreTestCase : XunitTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For xunit, which reads it back.")]
    public StoreTestCase()
    {
    }

    public StoreTestCase(IMessageSink sink, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(sink, display, options, method)
    {
    }

    protected override string GetSkipReason(IAttributeInfo factAttribute) =>
        TestMethod.TestClass.Class.Name.Contains("Postgres", StringComparison.Ordinal) && ForeignTools.Find(Tool.Postgres) is null
            ? "no PostgreSQL under /usr/lib/postgresql, and eng/foreign.sh could not install it"
            : base.GetSkipReason(factAttribute);
}
