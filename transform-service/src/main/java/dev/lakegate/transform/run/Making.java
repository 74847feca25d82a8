package dev.lakegate.transform.run;

import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.plan.Dataset;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the rows of a former state were made as the description in force would make them: by the
 * same definition, of states of the inputs that were made so in turn, all the way down. A query
 * that nobody touched gives other rows when a column of its input is another one, so that what is
 * said of them today says nothing of those of then. Pure but for what the record is asked.
 *
 * @param difference where it was not, or nobody knows, in a sentence; null when the rows were made
 *     as now
 * @param known whether the record knows of the state itself
 * @param facts the stricter of those of then and those of now; null unless the rows were made as
 *     now
 * @param loosened whether what is said of the table now lets in more than what was said then; such
 *     a state may be read by the stricter facts, but not come back under those of now
 */
public record Making(String difference, boolean known, TableFacts facts, boolean loosened) {

  /**
   * How a state was made.
   *
   * @param definition fingerprint of the dataset's definition then; null when unknown
   * @param facts that the description of then gave the dataset; null when unknown
   * @param checkpoint what the state had consumed; null when unknown
   */
  public record Then(String definition, TableFacts facts, Checkpoint checkpoint) {}

  /** Knows how states were made. */
  @FunctionalInterface
  public interface Record {
    /** How a state was made; empty when that is not recorded. */
    Optional<Then> of(String dataset, String instant) throws SQLException;
  }

  /** Whether the state may count as one of now, in the table itself. */
  public boolean restorable() {
    return difference == null && !loosened;
  }

  /**
   * Looks at a state.
   *
   * @param instant of the state
   */
  public static Making of(Description now, Record record, String dataset, String instant)
      throws SQLException {
    Optional<Then> then = record.of(dataset, instant);
    String difference = difference(now, record, dataset, instant, new HashSet<>());
    if (difference != null) {
      return new Making(difference, then.isPresent(), null, false);
    }
    TableFacts facts = now.facts().get(dataset);
    TableFacts stricter = facts.and(then.orElseThrow().facts());
    return new Making(null, true, stricter, !stricter.equals(facts));
  }

  private static String difference(
      Description now, Record record, String name, String instant, Set<String> seen)
      throws SQLException {
    if (!seen.add(name + " " + instant)) {
      return null;
    }
    Dataset dataset = now.dataset(name).orElse(null);
    TableFacts facts = now.facts().get(name);
    if (dataset == null || facts == null) {
      return name + " is not described any more.";
    }
    Then then = record.of(name, instant).orElse(null);
    if (then == null || then.definition() == null || then.facts() == null) {
      return "It is not recorded how %s was defined at instant %s.".formatted(name, instant);
    }
    if (!then.definition().equals(dataset.definition())) {
      return "%s was defined otherwise at instant %s than it is now.".formatted(name, instant);
    }
    for (String input : dataset.inputs()) {
      String consumed =
          then.checkpoint() instanceof Checkpoint.OfInputs of ? of.instants().get(input) : null;
      if (consumed == null) {
        return "It is not recorded which state of %s was read for %s at instant %s."
            .formatted(input, name, instant);
      }
      String below = difference(now, record, input, consumed, seen);
      if (below != null) {
        return below;
      }
      TableFacts inputs = now.facts().get(input);
      if (!inputs.and(record.of(input, consumed).orElseThrow().facts()).equals(inputs)) {
        return "%s, which %s reads, was under stricter rules at instant %s than it is now."
            .formatted(input, name, consumed);
      }
    }
    return null;
  }
}
