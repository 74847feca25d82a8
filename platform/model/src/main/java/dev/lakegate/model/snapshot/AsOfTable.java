package dev.lakegate.model.snapshot;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a table that holds what another one held at an instant. Who may read what of it is
 * decided as for its origin, which is told by the name alone: nothing that is stored is trusted
 * with it. Immutable.
 *
 * @param schema of both
 * @param origin name of the table that it was made of, without schema
 * @param instant of the state, {@code yyyyMMddHHmmssSSS}
 */
public record AsOfTable(String schema, String origin, String instant) {
  /** What no described name may contain. */
  public static final String MARK = "__asof_";

  /** Bronze has none: it keeps every change. */
  private static final Set<String> SCHEMAS = Set.of("silver", "gold");

  private static final Pattern NAME = Pattern.compile("([a-z][a-z0-9_]*?)__asof_(\\d{14,17})");

  public AsOfTable {
    Objects.requireNonNull(schema, "schema is null");
    Objects.requireNonNull(origin, "origin is null");
    Objects.requireNonNull(instant, "instant is null");
  }

  /** What a name means; empty when it is not the name of such a table. */
  public static Optional<AsOfTable> of(String schema, String name) {
    Matcher matcher = NAME.matcher(name);
    return SCHEMAS.contains(schema) && matcher.matches()
        ? Optional.of(new AsOfTable(schema, matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /** As {@link #of(String, String)}, of {@code <schema>.<name>}. */
  public static Optional<AsOfTable> of(String dataset) {
    int dot = dataset.indexOf('.');
    return dot < 0 ? Optional.empty() : of(dataset.substring(0, dot), dataset.substring(dot + 1));
  }

  /**
   * The dataset by whose facts access to another one is decided: the origin of a table that is made
   * of a former state, and every other one itself.
   */
  public static String governing(String dataset) {
    return of(dataset).map(AsOfTable::originDataset).orElse(dataset);
  }

  /** Its name, without schema. */
  public String name() {
    return origin + MARK + instant;
  }

  /** {@code <schema>.<name>}. */
  public String dataset() {
    return schema + "." + name();
  }

  /** {@code <schema>.<origin>}. */
  public String originDataset() {
    return schema + "." + origin;
  }
}
