namespace Pantheon.Rig;

/// <summary>The two ways of putting numbers into a Feature.</summary>
public enum ValueForm
{
    /// <summary>Little-endian bytes.</summary>
    Data,

    /// <summary>Typed packed lists.</summary>
    Lists,
}
