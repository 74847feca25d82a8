package dev.lakegate.model.description;

import java.util.Comparator;

/**
 * One thing wrong with a lakehouse description. Ordered by file, line, message.
 *
 * @param file relative to the description's directory, with {@code /}
 * @param line from 1; 0 when the file as a whole is meant
 * @param message what is wrong
 * @param remedy what to do, a sentence
 */
public record Problem(String file, int line, String message, String remedy)
    implements Comparable<Problem> {
  private static final Comparator<Problem> ORDER =
      Comparator.comparing(Problem::file)
          .thenComparingInt(Problem::line)
          .thenComparing(Problem::message)
          .thenComparing(Problem::remedy);

  @Override
  public int compareTo(Problem other) {
    return ORDER.compare(this, other);
  }

  /** {@code file:line: message. remedy} */
  @Override
  public String toString() {
    return (line > 0 ? file + ":" + line : file) + ": " + message + ". " + remedy;
  }
}
