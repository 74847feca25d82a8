package dev.lakegate.model.description;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Collects problems; bounded, since a person reads them. */
final class Problems {
  private static final int MOST = 500;
  private final TreeSet<Problem> problems = new TreeSet<>();
  private boolean more;

  void add(String file, int line, String message, String remedy) {
    if (problems.size() >= MOST) {
      more = true;
    } else {
      problems.add(new Problem(file, line, message, remedy));
    }
  }

  void throwIfAny() {
    if (problems.isEmpty()) {
      return;
    }
    List<Problem> list = new ArrayList<>(problems);
    if (more) {
      list.add(new Problem("~", 0, "more than " + MOST + " problems", "Mend these first."));
    }
    throw new LakehouseException(list);
  }
}
