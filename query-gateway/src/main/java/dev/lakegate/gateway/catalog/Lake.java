package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.catalog.LakeTable.Column;
import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.gateway.sql.CatalogView.AsOf;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.Type;
import dev.lakegate.gateway.sql.Types;
import dev.lakegate.model.description.HistoryTable;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.Metric;
import dev.lakegate.model.description.Quarantine;
import dev.lakegate.model.description.Scope;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.snapshot.AsOfTable;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.snapshot.SnapshotReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * All described tables as the lake has them now: Silver and Gold from their snapshots, Bronze from
 * the manifests. What is described but has no data yet is a table without rows. Snapshots are read
 * again only when their file changed. Thread-safe.
 */
public final class Lake {
  /** The logical catalog's name. */
  public static final String CATALOG = "lakehouse";

  /** Its schemas. */
  public static final List<String> SCHEMAS = List.of("bronze", "silver", "gold");

  private static final Logger LOG = Logger.getLogger(Lake.class);

  private final Path root;
  private final SnapshotReader snapshots;
  private final BronzeIndex bronze;
  private final AsOfTables asOfTables;
  private final Set<String> unlisted = ConcurrentHashMap.newKeySet();
  private volatile Described now;

  private record Loaded(Object stamp, LakeTable table) {}

  /** A description with the tables that were read under it. */
  private record Described(
      Lakehouse description, Map<String, TableFacts> facts, Map<String, Loaded> cache) {
    Described(Lakehouse description) {
      this(
          description,
          PolicyCompiler.compile(description, 1).tables().stream()
              .collect(Collectors.toMap(TableFacts::table, Function.identity())),
          new ConcurrentHashMap<>());
    }
  }

  /**
   * @param root the storage root
   * @param description of the lakehouse
   */
  public Lake(Path root, Lakehouse description) {
    this.root = Objects.requireNonNull(root);
    this.now = new Described(Objects.requireNonNull(description));
    this.snapshots = new SnapshotReader(root);
    this.bronze = new BronzeIndex(root);
    this.asOfTables = new AsOfTables(root, Clock.systemUTC());
  }

  /** The description. */
  public Lakehouse description() {
    return now.description();
  }

  /**
   * Takes another description over. What may be read of a table is the policy's affair: one that it
   * does not know yet is refused.
   */
  public void describe(Lakehouse changed) {
    now = new Described(changed);
  }

  /**
   * Datasets {@code schema.name} of all described tables, schema by schema, and then those that
   * were made of former states of them.
   */
  public List<String> datasets() {
    Lakehouse description = description();
    List<String> all = new ArrayList<>();
    description.tables().forEach(t -> all.add(t.bronzeDataset()));
    description.tables().forEach(t -> all.add(t.dataset()));
    description.quarantines().forEach(q -> all.add(q.dataset()));
    description.histories().forEach(h -> all.add(h.dataset()));
    description.computed().forEach(m -> all.add(m.dataset()));
    all.addAll(asOfTables.list(description));
    return all;
  }

  /**
   * The dataset that a name or an alias stands for.
   *
   * @param schema lower case
   * @param name lower case
   */
  public Optional<String> resolve(String schema, String name) {
    Lakehouse description = description();
    Optional<String> described = description.resolve(schema, name);
    return described.isPresent() ? described : asOfTables.find(description, schema, name);
  }

  /**
   * A table as it is now.
   *
   * @param dataset {@code schema.name} of a described table, or one made of a former state of it
   * @throws SqlFailure when that table does not exist any more
   */
  public LakeTable table(String dataset) {
    int dot = dataset.indexOf('.');
    String schema = dataset.substring(0, dot);
    String name = dataset.substring(dot + 1);
    return schema.equals("bronze") ? bronze(name) : published(schema, name);
  }

  /**
   * A table as it was.
   *
   * @param dataset {@code schema.name} of a described table
   * @throws SqlFailure when that state is not kept
   */
  public LakeTable table(String dataset, AsOf asOf) {
    return former(history(dataset).find(asOf));
  }

  /** The table of a snapshot. */
  public LakeTable former(Snapshot snapshot) {
    return of(snapshot);
  }

  /**
   * The kept states of a table.
   *
   * @throws SqlFailure for a table of Bronze, which is a history itself
   */
  public TableHistory history(String dataset) {
    int dot = dataset.indexOf('.');
    return new TableHistory(root, snapshots, dataset.substring(0, dot), dataset.substring(dot + 1));
  }

  /**
   * By what access to a table is decided: of what the policy in force, the description and, for a
   * table of a former state, the description of then say, the strictest. So what becomes stricter
   * holds as soon as either is known here, and rows stay under the rules that they were made under.
   *
   * @param dataset {@code schema.name}
   * @return empty when not both know the table
   * @throws SqlFailure for a table of a former state that does not exist any more
   */
  public Optional<TableFacts> facts(Policy policy, String dataset) {
    Optional<AsOfTable> asOf = AsOfTable.of(dataset);
    String governing = AsOfTable.governing(dataset);
    TableFacts described = now.facts().get(governing);
    Optional<TableFacts> today =
        described == null
            ? Optional.empty()
            : policy.table(governing).map(inForce -> inForce.and(described));
    if (asOf.isEmpty() || today.isEmpty()) {
      return today;
    }
    AsOfTables.About about = asOfTables.about(asOf.get()).orElseThrow(() -> gone(dataset));
    // Of a state that nobody can describe any more, no column counts as described.
    return today.map(
        facts ->
            facts.and(
                about
                    .facts()
                    .orElse(
                        new TableFacts(
                            governing, facts.scope(), facts.tenantColumn(), List.of()))));
  }

  /**
   * As {@link #facts(Policy, String)}, and no looser than the scope under which the rows were
   * stored: a table that is shared from now on holds rows of all tenants until it is computed anew.
   */
  Optional<TableFacts> facts(Policy policy, LakeTable table) {
    boolean knownTenant = !table.scope().equals("tenant") || table.tenantColumn() != null;
    return facts(policy, table.dataset())
        .map(facts -> facts.within(knownTenant ? table.scope() : "internal", table.tenantColumn()));
  }

  /** What a listing shows of a table; empty, and in the log, when it cannot be read now. */
  Optional<LakeTable> listed(String dataset) {
    try {
      LakeTable table = table(dataset);
      unlisted.remove(dataset);
      return Optional.of(table);
    } catch (SqlFailure | ContractException | UncheckedIOException e) {
      if (unlisted.add(dataset)) {
        LOG.warnf("%s is left out of listings: %s", dataset, e.getMessage());
      }
      return Optional.empty();
    }
  }

  private LakeTable bronze(String sourceTable) {
    SourceTable t =
        description().tableOfSource(sourceTable).orElseThrow(() -> gone("bronze." + sourceTable));
    BronzeIndex.State state = bronze.state(sourceTable);
    List<Column> columns = new ArrayList<>();
    boolean tenant = false;
    for (SourceTable.Column c : t.columns()) {
      columns.add(new Column(c.name(), type(c.type().text()), true, c.description()));
      tenant |= c.name().equals(SourceTable.TENANT_ID);
    }
    columns.add(new Column("_op", Type.VARCHAR, true, "I, U, D, or T for a truncated table."));
    columns.add(new Column("_change_seq", Type.VARCHAR, true, "Change sequence; sorts as text."));
    columns.add(
        new Column("_commit_ts", type("timestamp(6) with time zone"), true, "Commit time."));
    columns.add(
        new Column(
            "_unchanged", type("array(varchar)"), true, "Columns whose value the log left out."));
    columns.add(new Column("_old_key", Type.VARCHAR, true, "The old key when it changed, JSON."));
    columns.add(new Column("load_date", type("date"), true, "UTC date of commit, or of copying."));
    if (!tenant) {
      columns.add(new Column(SourceTable.TENANT_ID, Type.VARCHAR, true, "Tenant."));
    }
    return new LakeTable(
        "bronze",
        sourceTable,
        "Changes of " + sourceTable + " as they were captured. " + t.description(),
        t.scope().id(),
        t.tenantColumn() == null ? null : SourceTable.TENANT_ID,
        columns,
        state.files(),
        !state.files().isEmpty(),
        state.files().isEmpty() ? null : state.at(),
        "manifest-" + state.lastManifest());
  }

  private LakeTable published(String schema, String name) {
    String dataset = schema + "." + name;
    Described described = now;
    Object stamp = stamp(schema, name);
    Loaded loaded = described.cache().get(dataset);
    if (loaded != null && loaded.stamp.equals(stamp)) {
      return loaded.table;
    }
    LakeTable table =
        snapshots
            .current(schema, name)
            .map(this::of)
            .orElseGet(() -> described(described.description(), schema, name));
    described.cache().put(dataset, new Loaded(stamp, table));
    return table;
  }

  /** Forgets what is cached of a table, because a file of it is gone. */
  public void forget(String dataset) {
    now.cache().remove(dataset);
  }

  private Object stamp(String schema, String name) {
    Path file = root.resolve("_catalog").resolve(schema).resolve(name).resolve("current.json");
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return List.of(a.lastModifiedTime().toInstant(), a.size(), String.valueOf(a.fileKey()));
    } catch (NoSuchFileException e) {
      return "none";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LakeTable of(Snapshot s) {
    List<Column> columns =
        s.columns().stream()
            .map(c -> new Column(c.name(), type(c.type()), c.nullable(), c.description()))
            .toList();
    List<DataFile> files =
        s.files().stream()
            .map(
                f ->
                    new DataFile(
                        f.path(),
                        new HashMap<>(f.partition()),
                        f.rows(),
                        f.bytes(),
                        Map.copyOf(f.min()),
                        Map.copyOf(f.max()),
                        f.unmet().stream()
                            .collect(
                                Collectors.toUnmodifiableMap(
                                    Snapshot.Unmet::expectation, Snapshot.Unmet::rows, Long::sum))))
            .toList();
    return new LakeTable(
        s.database(),
        s.table(),
        s.description(),
        s.scope(),
        s.tenantColumn(),
        columns,
        files,
        true,
        s.publishedAt(),
        s.instant());
  }

  private LakeTable described(Lakehouse description, String schema, String name) {
    List<Column> columns = new ArrayList<>();
    String text;
    String scope;
    String tenantColumn;
    Optional<Metric> computed =
        description.computed().stream()
            .filter(c -> c.dataset().equals(schema + "." + name))
            .findFirst();
    Optional<HistoryTable> history =
        description.histories().stream()
            .filter(h -> h.dataset().equals(schema + "." + name))
            .findFirst();
    if (history.isPresent()) {
      history.get().columns().forEach(c -> columns.add(column(c)));
      text = history.get().description();
      scope = history.get().table().scope().id();
      tenantColumn = history.get().table().tenantColumn() == null ? null : SourceTable.TENANT_ID;
    } else if (computed.isPresent() || schema.equals("gold")) {
      Metric m = computed.orElseThrow(() -> gone("gold." + name));
      m.columns().forEach(c -> columns.add(column(c)));
      text = m.description();
      scope = m.scope().id();
      tenantColumn = m.tenantColumn();
    } else if (description.quarantine(name).isPresent()) {
      Quarantine.COLUMNS.forEach(
          c ->
              columns.add(
                  new Column(c.name(), type(c.type().text()), c.nullable(), c.description())));
      text = description.quarantine(name).get().description();
      scope = Scope.INTERNAL.id();
      tenantColumn = null;
    } else {
      SourceTable t = description.table(name).orElseThrow(() -> gone("silver." + name));
      Map<String, Column> all = new LinkedHashMap<>();
      t.columns()
          .forEach(
              c ->
                  all.put(
                      c.name(),
                      new Column(c.name(), type(c.type().text()), c.nullable(), c.description())));
      t.derivations()
          .forEach(
              d ->
                  all.put(
                      d.column(),
                      new Column(d.column(), type(d.type().text()), true, d.description())));
      if (t.tenantColumn() != null) {
        all.putIfAbsent(
            SourceTable.TENANT_ID,
            new Column(SourceTable.TENANT_ID, Type.VARCHAR, false, "Tenant."));
      }
      if (t.partitionBy() == SourceTable.PartitionBy.TENANT_AND_MONTH) {
        all.putIfAbsent(
            SourceTable.LOAD_DATE,
            new Column(SourceTable.LOAD_DATE, type("date"), false, "First day of the month."));
      }
      columns.addAll(all.values());
      text = t.description();
      scope = t.scope().id();
      tenantColumn = t.tenantColumn() == null ? null : SourceTable.TENANT_ID;
    }
    return new LakeTable(
        schema, name, text, scope, tenantColumn, columns, List.of(), false, null, "none");
  }

  private static Column column(Metric.Column c) {
    return new Column(c.name(), type(c.type().text()), c.nullable(), c.description());
  }

  private static SqlFailure gone(String dataset) {
    return new SqlFailure(
        "TABLE_NOT_FOUND", "Table '%s' does not exist any more".formatted(dataset));
  }

  private static Type type(String text) {
    try {
      return Types.parse(text);
    } catch (IllegalArgumentException e) {
      // What has no type here is shown as text.
      return Type.VARCHAR;
    }
  }
}
