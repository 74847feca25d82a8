package dev.lakegate.model.job;

import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.job.JobSpecification.Derivation;
import dev.lakegate.model.job.JobSpecification.SpecColumn;
import dev.lakegate.model.types.TrinoType;
import dev.lakegate.model.types.Widening;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a Silver table looks like: its description brought together with what the source has turned
 * out to be. Pure.
 *
 * <p>Described columns come first and keep their place. Columns that the source has and the
 * description does not name follow in the order in which the source got them, so that nothing which
 * Bronze holds is lost until somebody describes it. A column that the source dropped stays, because
 * rows that exist keep its values.
 *
 * @param specification for the jobs
 * @param leftOut names of source columns that cannot be columns of Silver: with upper case, with
 *     characters that are no letters, digits or underscores, or that mean something else there
 */
public record SilverShape(JobSpecification specification, List<String> leftOut) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
  private static final TrinoType TEXT = new TrinoType.Varchar(null);
  private static final String UNDESCRIBED = "Not described; %s at the source.";

  public SilverShape {
    leftOut = List.copyOf(leftOut);
  }

  /**
   * The shape under a ledger of schema versions.
   *
   * @param described compiled from the description
   * @param versions of its source table that were consumed, in order; empty when none is known
   */
  public static SilverShape of(JobSpecification described, List<SchemaVersion> versions) {
    if (versions.isEmpty()) {
      return new SilverShape(described, List.of());
    }
    if (described.history() != null) {
      return ofVersions(described, versions);
    }
    Map<String, SpecColumn> columns = new LinkedHashMap<>();
    described.columns().forEach(column -> columns.put(column.name(), column));
    Set<String> taken = new HashSet<>(described.partitionBy());
    described.derivations().forEach(derivation -> taken.add(derivation.column()));
    taken.add(SourceTable.LOAD_DATE);
    Set<String> leftOut = new java.util.TreeSet<>();
    for (SchemaVersion version : versions) {
      for (SourceColumn column : version.columns()) {
        SpecColumn known = columns.get(column.name());
        if (known != null) {
          columns.put(column.name(), known(known, column));
        } else if (!NAME.matcher(column.name()).matches() || taken.contains(column.name())) {
          leftOut.add(column.name());
        } else {
          columns.put(
              column.name(),
              new SpecColumn(
                  column.name(),
                  column.type(),
                  true,
                  UNDESCRIBED.formatted(column.sourceType()),
                  true));
        }
      }
    }
    Set<String> present = new HashSet<>();
    versions.get(versions.size() - 1).columns().forEach(column -> present.add(column.name()));
    List<SpecColumn> all = new ArrayList<>();
    for (SpecColumn column : columns.values()) {
      // Rows that came after a column was dropped have none of its values.
      all.add(present.contains(column.name()) ? column : nullable(column));
    }
    return new SilverShape(with(described, all), List.copyOf(leftOut));
  }

  /**
   * Versions hold the columns that their description names, and no others; those of the source may
   * become wider, and NULL once the source has dropped them.
   */
  private static SilverShape ofVersions(JobSpecification described, List<SchemaVersion> versions) {
    Set<String> ofSource = new HashSet<>(described.history().columns());
    ofSource.addAll(described.history().key());
    List<SpecColumn> columns = new ArrayList<>();
    for (SpecColumn column : described.columns()) {
      SpecColumn now = column;
      boolean present = false;
      for (SchemaVersion version : versions) {
        present = false;
        for (SourceColumn source : version.columns()) {
          if (source.name().equals(column.name())) {
            present = true;
            now = ofSource.contains(column.name()) ? known(now, source) : now;
          }
        }
      }
      columns.add(present || !ofSource.contains(column.name()) ? now : nullable(now));
    }
    return new SilverShape(with(described, columns), List.of());
  }

  /**
   * A column whose source has another type than before. A described type is what readers rely on,
   * so it only ever becomes wider; of an undescribed one nobody knows anything, and text holds all.
   */
  private static SpecColumn known(SpecColumn known, SourceColumn column) {
    boolean undescribed = Boolean.TRUE.equals(known.undescribed());
    TrinoType now = TrinoType.parse(known.type());
    TrinoType wider =
        Widening.of(now, TrinoType.parse(column.type())).orElse(undescribed ? TEXT : now);
    return wider.equals(now)
        ? known
        : new SpecColumn(
            known.name(), wider.text(), known.nullable(), known.description(), known.undescribed());
  }

  private static SpecColumn nullable(SpecColumn column) {
    return column.nullable()
        ? column
        : new SpecColumn(
            column.name(), column.type(), true, column.description(), column.undescribed());
  }

  private static JobSpecification with(JobSpecification s, List<SpecColumn> columns) {
    return new JobSpecification(
        s.version(),
        s.kind(),
        s.dataset(),
        s.name(),
        s.scope(),
        s.description(),
        s.path(),
        s.bronzeTable(),
        s.key(),
        s.sql(),
        s.inputs(),
        s.grain(),
        s.timeColumns(),
        s.clock(),
        s.incremental(),
        s.tenantColumn(),
        s.partitionBy(),
        columns,
        s.derivations(),
        s.expectations(),
        s.history());
  }

  /**
   * Columns of the stored table with their types, as the jobs store them: the source's, with
   * derived ones in their place or at the end.
   */
  public static Map<String, String> storedColumns(JobSpecification specification) {
    Map<String, String> stored = new LinkedHashMap<>();
    specification.columns().forEach(column -> stored.put(column.name(), column.type()));
    specification
        .derivations()
        .forEach(derivation -> stored.put(derivation.column(), derivation.type()));
    return stored;
  }

  /**
   * How a table that is stored must be changed to become what is wanted.
   *
   * @param kind what it takes
   * @param reason a sentence
   */
  public record Change(Kind kind, String reason) {
    /** What a change takes. */
    public enum Kind {
      /** Rows that exist stay as they are; what the next run writes has the new shape. */
      APPEND,
      /** Rows that exist would differ: the table is made anew from Bronze. */
      REBUILD
    }
  }

  /**
   * Compares what is stored with what is wanted.
   *
   * @param columns of the published table with their types, for want of {@code made}; empty when
   *     unknown
   * @param made the specification with which the last run succeeded; null when unknown
   * @param wanted the effective specification
   * @param consumed schema versions whose rows the table has consumed: what their rows had, a new
   *     column would have to show
   * @return empty when nothing has changed
   */
  public static Optional<Change> change(
      Map<String, String> columns,
      JobSpecification made,
      JobSpecification wanted,
      List<SchemaVersion> consumed) {
    // What the last run was told counts: a table without new rows may not show it yet.
    Map<String, String> stored = made == null ? columns : storedColumns(made);
    if (made != null) {
      Optional<String> other = otherMeaning(made, wanted);
      if (other.isPresent()) {
        return rebuild(other.get());
      }
    }
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> next = storedColumns(wanted);
    for (Map.Entry<String, String> column : stored.entrySet()) {
      String type = next.get(column.getKey());
      if (type == null) {
        return rebuild("Column %s is not part of it any more.".formatted(column.getKey()));
      }
      if (!TrinoType.parse(type).equals(TrinoType.parse(column.getValue()))) {
        return rebuild(
            "Column %s is %s now and was %s.".formatted(column.getKey(), type, column.getValue()));
      }
    }
    List<String> added = next.keySet().stream().filter(c -> !stored.containsKey(c)).toList();
    for (String column : added) {
      if (wanted.derivations().stream().anyMatch(d -> d.column().equals(column))) {
        return rebuild("Column %s is derived now.".formatted(column));
      }
      if (consumed.stream()
          .anyMatch(v -> v.columns().stream().anyMatch(c -> c.name().equals(column)))) {
        return rebuild("Rows that it has consumed had a column %s.".formatted(column));
      }
    }
    return added.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Change(
                Change.Kind.APPEND,
                "%s %s new.".formatted(names(added), added.size() == 1 ? "is" : "are")));
  }

  private static Optional<Change> rebuild(String reason) {
    return Optional.of(new Change(Change.Kind.REBUILD, reason));
  }

  private static String names(List<String> columns) {
    return (columns.size() == 1 ? "Column " : "Columns ") + String.join(", ", columns);
  }

  private static Optional<String> otherMeaning(JobSpecification made, JobSpecification wanted) {
    if (!Objects.equals(made.bronzeTable(), wanted.bronzeTable())) {
      return Optional.of("It is fed by another source table.");
    }
    if (!made.key().equals(wanted.key())) {
      return Optional.of(
          "Its key is (%s) now and was (%s)."
              .formatted(String.join(", ", wanted.key()), String.join(", ", made.key())));
    }
    if (!Objects.equals(made.tenantColumn(), wanted.tenantColumn())
        || !made.partitionBy().equals(wanted.partitionBy())) {
      return Optional.of("It is partitioned otherwise.");
    }
    if (!Objects.equals(made.history(), wanted.history())) {
      return Optional.of("Its versions are made otherwise.");
    }
    Map<String, Derivation> before = byColumn(made.derivations());
    Map<String, Derivation> now = byColumn(wanted.derivations());
    for (String column : now.keySet()) {
      Derivation was = before.get(column);
      Derivation is = now.get(column);
      if (was == null
          || !was.type().equals(is.type())
          || !was.expression().equals(is.expression())) {
        return Optional.of("Column %s is derived otherwise.".formatted(column));
      }
    }
    for (String column : before.keySet()) {
      if (!now.containsKey(column)) {
        return Optional.of("Column %s is not derived any more.".formatted(column));
      }
    }
    // A derivation sees those before it.
    if (!List.copyOf(before.keySet()).equals(List.copyOf(now.keySet()))) {
      return Optional.of("Its columns are derived in another order.");
    }
    // What flags is in a derivation; what blocks decides which rows are there.
    return blocking(made).equals(blocking(wanted))
        ? Optional.empty()
        : Optional.of("What keeps rows in quarantine is judged otherwise.");
  }

  private static Map<String, String> blocking(JobSpecification specification) {
    Map<String, String> blocking = new LinkedHashMap<>();
    specification.expectations().stream()
        .filter(JobSpecification.Expectation::blocking)
        .forEach(e -> blocking.put(e.name(), e.expression()));
    return blocking;
  }

  private static Map<String, Derivation> byColumn(List<Derivation> derivations) {
    Map<String, Derivation> byColumn = new LinkedHashMap<>();
    derivations.forEach(derivation -> byColumn.put(derivation.column(), derivation));
    return byColumn;
  }
}
