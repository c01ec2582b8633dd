namespace Pantheon.Learning.Search;

/// <summary>A journal does not fit the study. The message names what came and what was expected.</summary>
public sealed class StudyException(string message, Exception? inner = null) : Exception(message, inner);
