package dev.lakegate.model.json;

/**
 * A file or message that claims to be a contract object cannot be read as one: it is incomplete,
 * damaged, or of a version that this code does not know. The message says where, what and what to
 * do.
 */
public final class ContractException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String location;
  private final String problem;
  private final String remedy;

  /**
   * @param location file or other name of what was read
   * @param problem what is wrong with it
   * @param remedy what to do, a sentence
   * @param cause may be null
   */
  public ContractException(String location, String problem, String remedy, Throwable cause) {
    super(location + ": " + problem + ". " + remedy, cause);
    this.location = location;
    this.problem = problem;
    this.remedy = remedy;
  }

  /** File or other name of what was read. */
  public String location() {
    return location;
  }

  /** What is wrong with it. */
  public String problem() {
    return problem;
  }

  /** What to do, a sentence. */
  public String remedy() {
    return remedy;
  }
}
