package dev.lakegate.gateway.query;

import dev.lakegate.gateway.cache.CacheKey;
import dev.lakegate.gateway.engine.SecuredRelation;
import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.SessionChange;
import java.util.List;
import java.util.Optional;

/**
 * A checked query with the files that it may open.
 *
 * @param query checked
 * @param relations what stands behind each of its tables
 * @param tables datasets that it reads, sorted
 * @param notes about the answer, for people
 * @param files that it may open
 * @param bytes they have
 * @param rows they have
 * @param cacheKey of its answer; empty when that must not be used again
 * @param change of the client's session; null for none
 * @param prepared statement that is run, when the one that was sent only names or quotes it
 */
public record Planned(
    SecuredQuery query,
    List<SecuredRelation> relations,
    List<String> tables,
    List<Note> notes,
    int files,
    long bytes,
    long rows,
    Optional<CacheKey> cacheKey,
    SessionChange change,
    String prepared) {

  /**
   * A remark about an answer.
   *
   * @param code machine-readable
   * @param message for people
   */
  public record Note(String code, String message) {}

  /** {@code schema.table@instant} of each former state that it reads. */
  List<String> formerStates() {
    return query.bindings().stream()
        .filter(b -> b.table().instant() != null)
        .map(b -> b.table().key())
        .sorted()
        .toList();
  }

  /** What of it is asked for after the query's end: without the text and the files. */
  Planned ended() {
    SecuredQuery facts = new SecuredQuery(List.of(), "", query.bindings(), query.columns());
    return new Planned(
        facts, List.of(), tables, notes, files, bytes, rows, Optional.empty(), change, prepared);
  }
}
