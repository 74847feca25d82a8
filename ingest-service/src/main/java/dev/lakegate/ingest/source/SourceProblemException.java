package dev.lakegate.ingest.source;

/**
 * Something at the source keeps capture from working, and someone there can mend it. Trying again
 * is right: it may have been mended.
 */
public final class SourceProblemException extends Exception {
  private static final long serialVersionUID = 1L;
  private final String problem;
  private final String remedy;

  /**
   * @param problem what is wrong, a clause
   * @param remedy the statement or setting that mends it
   */
  public SourceProblemException(String problem, String remedy) {
    super(problem + ". To mend it: " + remedy);
    this.problem = problem;
    this.remedy = remedy;
  }

  /** What is wrong. */
  public String problem() {
    return problem;
  }

  /** The statement or setting that mends it. */
  public String remedy() {
    return remedy;
  }
}
