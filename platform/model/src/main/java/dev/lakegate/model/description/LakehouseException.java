package dev.lakegate.model.description;

import java.util.List;
import java.util.stream.Collectors;

/** A lakehouse description has problems; all of them are listed, not just the first. */
public final class LakehouseException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient List<Problem> problems;

  LakehouseException(List<Problem> problems) {
    super(
        problems.size()
            + (problems.size() == 1 ? " problem" : " problems")
            + " in the lakehouse description:\n"
            + problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Sorted, at least one. */
  public List<Problem> problems() {
    return problems;
  }
}
