package dev.lakegate.ingest.bronze;

/** Why a row is kept aside instead of being written to Bronze. */
public enum RowProblem {
  /** Nobody could ever read it. */
  TENANT_MISSING("Its tenant is NULL or empty, so the row belongs to nobody."),
  /** Silver and Bronze have a folder for each tenant. */
  TENANT_UNUSABLE(
      "Its tenant cannot name a folder: escaped it is longer than 255 bytes, or it is the name that"
          + " stands for no tenant."),
  /** Writing it would need more memory than there is. */
  TOO_LARGE("It is larger than a row may be."),
  /** The log leaves out large values that did not change. */
  INCOMPLETE(
      "An earlier version of it is in quarantine, and the log did not carry all of its values"
          + " again.");

  private final String sentence;

  RowProblem(String sentence) {
    this.sentence = sentence;
  }

  /** The reason, for people. */
  public String sentence() {
    return sentence;
  }
}
