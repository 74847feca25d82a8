package dev.lakegate.model.description;

import dev.lakegate.model.description.YamlObject.Text;
import dev.lakegate.model.graph.TopologicalOrder;
import dev.lakegate.model.snapshot.AsOfTable;
import dev.lakegate.model.types.TrinoType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a lakehouse description and reports every problem in it at once. Stateless and thread-safe;
 * a loaded description does not follow later changes of the files.
 */
public final class LakehouseLoader {
  static final int MAX_BYTES = 256 * 1024;
  static final int MAX_FILES = 1_000;

  /** A star that stands for columns, and does not multiply. */
  private static final Pattern ALL_COLUMNS = Pattern.compile("[(,]\\s*(\\w+\\.)?\\*");

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final Pattern COLUMN = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
  private static final Pattern PERSONA = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,62}");
  private static final Pattern WORKGROUP = Pattern.compile("[a-z][a-z0-9_-]{0,62}");
  static final Pattern DATASET = Pattern.compile("(?i)\\b(silver|gold)\\s*\\.\\s*`?(\\w+)");
  private static final Pattern ANY_TABLE =
      Pattern.compile("(?i)\\b(bronze|silver|gold)\\s*\\.\\s*\"?(\\w+)");
  static final Pattern TOKEN = Pattern.compile("\\$\\{([^}]*)}?");
  static final Pattern CLOCK =
      Pattern.compile(
          "(?i)\\b(current_date|current_timestamp|now\\s*\\(|localtimestamp|unix_timestamp\\s*\\(\\s*\\))");
  private static final Set<String> LAYERS = Set.of("bronze", "silver", "gold");
  private static final Set<String> BRONZE_COLUMNS =
      Set.of("_op", "_change_seq", "_commit_ts", "_unchanged", "_old_key", SourceTable.LOAD_DATE);

  private final Path directory;
  private final Problems problems = new Problems();

  /** Columns by dataset that governance.yaml calls personal, beside those marked in their files. */
  private final Map<String, Set<String>> marked = new HashMap<>();

  private LakehouseLoader(Path directory) {
    this.directory = directory;
  }

  /** A value and the YAML it was read from, for problems that only show between files. */
  private record Loaded<T>(String name, T value, YamlObject yaml) {}

  /**
   * Reads the directory that holds {@code tables/}, {@code derived/}, {@code metrics/}, {@code
   * queries/} and {@code governance.yaml}.
   *
   * @throws LakehouseException with all problems, when there is any; nothing else is thrown
   */
  public static Lakehouse load(Path directory) {
    return new LakehouseLoader(directory).load();
  }

  private Lakehouse load() {
    if (!Files.isDirectory(directory)) {
      problems.add(
          ".",
          0,
          "there is no directory " + directory,
          "Name the directory that holds tables/, metrics/, queries/ and governance.yaml.");
      problems.throwIfAny();
    }
    Optional<Loaded<Governance>> governance =
        read("governance.yaml")
            .flatMap(text -> YamlObject.parse("governance.yaml", text, 0, problems))
            .map(this::governance);
    governance
        .map(g -> g.value().personalData())
        .orElse(List.of())
        .forEach(
            entry ->
                marked
                    .computeIfAbsent(entry.table(), t -> new HashSet<>())
                    .addAll(entry.columns()));
    List<Loaded<SourceTable>> tables = new ArrayList<>();
    // The same without what governance.yaml says.
    List<SourceTable> unmarked = new ArrayList<>();
    for (String file : files("tables", ".yaml", true)) {
      Optional<String> text = read(file);
      text.flatMap(t -> YamlObject.parse(file, t, 0, problems))
          .flatMap(this::table)
          .ifPresent(tables::add);
      LakehouseLoader files = new LakehouseLoader(directory);
      text.flatMap(t -> YamlObject.parse(file, t, 0, files.problems))
          .flatMap(files::table)
          .ifPresent(table -> unmarked.add(table.value()));
    }
    List<Loaded<Metric>> computed = new ArrayList<>();
    for (String file : files("derived", ".sql", false)) {
      headed(file).flatMap(headed -> metric("silver", headed)).ifPresent(computed::add);
    }
    for (String file : files("metrics", ".sql", false)) {
      headed(file).flatMap(headed -> metric("gold", headed)).ifPresent(computed::add);
    }
    List<Loaded<SavedQuery>> queries = new ArrayList<>();
    for (String file : files("queries", ".sql", false)) {
      headed(file).flatMap(this::query).ifPresent(queries::add);
    }

    checkTables(tables);
    checkReferences(tables);
    tables.replaceAll(table -> withPersonalReferences(table, tables));
    checkDerived(computed, tables);
    checkMetrics(computed, tables);
    Map<String, Set<String>> columns = columnsByTable(tables, computed);
    checkQueries(queries, columns.keySet(), governance);
    governance.ifPresent(g -> checkPersonalData(g, columns));
    checkInherited(computed, unmarked);
    problems.throwIfAny();
    Map<String, SourceTable> byDataset =
        tables.stream().map(Loaded::value).collect(Collectors.toMap(SourceTable::dataset, t -> t));
    return new Lakehouse(
        tables.stream().map(Loaded::value).toList(),
        Stream.concat(
                computed.stream().map(Loaded::value).filter(m -> m.schema().equals("silver")),
                byDataset.values().stream()
                    .flatMap(t -> FlagTable.of(t, byDataset::get, personalColumns(t)).stream()))
            .sorted(Comparator.comparing(Metric::name))
            .toList(),
        computed.stream().map(Loaded::value).filter(m -> m.schema().equals("gold")).toList(),
        queries.stream().map(Loaded::value).toList(),
        governance.orElseThrow().value());
  }

  // ---- files

  private List<String> files(String folder, String extension, boolean required) {
    TreeSet<String> names = new TreeSet<>();
    Path path = directory.resolve(folder);
    if (!Files.isDirectory(path)) {
      if (required || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        problems.add(
            folder,
            0,
            "there is no directory " + folder + "/",
            "Create it with at least one file.");
      }
      return List.of();
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.startsWith(".") || name.endsWith(".md")) {
          continue;
        }
        if (!name.endsWith(extension)) {
          problems.add(
              folder + "/" + YamlObject.shown(name),
              0,
              "only files that end in " + extension + " belong here",
              "Rename or remove it.");
        } else if (names.size() >= MAX_FILES) {
          problems.add(
              folder, 0, "more than " + MAX_FILES + " files", "Split the lakehouse in two.");
          break;
        } else {
          names.add(folder + "/" + name);
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      problems.add(folder, 0, "cannot be listed: " + e.getMessage(), "Check the folder's rights.");
    }
    if (required && names.isEmpty()) {
      problems.add(folder, 0, "no table is described", "Add a file, see docs/ADDING_A_TABLE.md.");
    }
    return List.copyOf(names);
  }

  private Optional<String> read(String file) {
    Path path = directory.resolve(file);
    if (!Files.isRegularFile(path)) {
      problems.add(file, 0, "there is no such file", "Create it; see docs/ADDING_A_TABLE.md.");
      return Optional.empty();
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      problems.add(file, 0, "cannot be read: " + e.getMessage(), "Check the file's rights.");
      return Optional.empty();
    }
    if (bytes.length > MAX_BYTES) {
      problems.add(file, 0, "larger than " + MAX_BYTES + " bytes", "Shorten or split it.");
      return Optional.empty();
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      problems.add(file, 0, "not UTF-8 text", "Save the file as UTF-8.");
      return Optional.empty();
    }
  }

  private record Headed(YamlObject header, String sql, int sqlLine) {}

  private Optional<Headed> headed(String file) {
    Optional<String> text = read(file);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    List<String> lines = text.get().lines().toList();
    int end = -1;
    if (!lines.isEmpty() && lines.get(0).stripTrailing().equals("---")) {
      for (int i = 1; i < lines.size() && end < 0; i++) {
        end = lines.get(i).stripTrailing().equals("---") ? i : -1;
      }
    }
    if (end < 0) {
      problems.add(
          file,
          1,
          "there is no YAML header",
          "Start the file with a line '---', the header's keys, and another line '---'.");
      return Optional.empty();
    }
    String header = String.join("\n", lines.subList(1, end)) + "\n";
    String sql = String.join("\n", lines.subList(end + 1, lines.size())).strip();
    int sqlLine = end + 2;
    if (withoutTextAndComments(sql).isBlank()) {
      problems.add(file, sqlLine, "there is no SQL after the header", "Add the query.");
    }
    if (withoutTextAndComments(sql).contains(";")) {
      problems.add(file, sqlLine, "the SQL contains a semicolon", "Write one query, without ';'.");
    }
    return YamlObject.parse(file, header, 1, problems).map(h -> new Headed(h, sql, sqlLine));
  }

  // ---- one file each

  private Optional<Loaded<SourceTable>> table(YamlObject yaml) {
    yaml.version();
    String name = name(yaml, ".yaml");
    List<Text> aliases = yaml.texts("aliases");
    for (Text alias : aliases) {
      if (matches(yaml, alias, NAME, "alias")) {
        notReserved(yaml, alias);
      }
    }
    Scope scope = oneOf(yaml, "scope", Scope.values());
    String description = yaml.text("description");
    String sourceSchema = "public";
    String sourceTable = null;
    YamlObject source = yaml.object("source");
    if (source != null) {
      sourceSchema = source.text("schema", "public");
      sourceTable = source.text("table");
      if (sourceTable != null) {
        Text named = new Text(sourceTable, source.line("table"));
        if (matches(source, named, COLUMN, "source table")) {
          notReserved(source, named);
        }
      }
      source.done();
    }
    List<Text> key = yaml.texts("key", 1);
    String tenantColumn = yaml.text("tenant_column", null);
    SourceTable.PartitionBy partitionBy =
        oneOf(yaml, "partition_by", SourceTable.PartitionBy.values());
    String monthOf = yaml.text("month_of", null);

    Map<String, SourceTable.Column> columns = new LinkedHashMap<>();
    for (YamlObject column : yaml.objects("columns", 1)) {
      String columnName = columnName(column);
      String sourceType = column.text("source_type");
      TrinoType type = type(column);
      boolean nullable = column.flag("nullable");
      boolean pii = column.flag("pii", false);
      String about = column.text("description");
      column.done();
      if (columnName != null
          && columns.putIfAbsent(
                  columnName,
                  new SourceTable.Column(columnName, sourceType, type, nullable, pii, about))
              != null) {
        column.problem(
            column.line("name"), "column '" + columnName + "' occurs twice", "Remove one.");
      }
    }
    boolean renamed = tenantColumn != null && !tenantColumn.equals(SourceTable.TENANT_ID);
    Set<String> alsoPersonal = marked.getOrDefault("silver." + name, Set.of());
    List<SourceTable.Derivation> derivations =
        new ArrayList<>(derivations(yaml, columns, renamed, alsoPersonal));
    List<Expectation> expectations = expectations(yaml, columns, derivations, alsoPersonal);
    ExpectationReader.flags(expectations).ifPresent(derivations::add);

    for (Text part : key) {
      SourceTable.Column column = columns.get(part.value());
      if (column == null) {
        unknownColumn(yaml, part, "key", columns.keySet());
      } else if (column.nullable()) {
        yaml.problem(
            part.line(),
            "key column '" + part.value() + "' is nullable",
            "Declare it 'nullable: false'; a key has no NULL.");
      }
    }
    SourceTable.History history =
        HistoryReader.read(
            yaml,
            columns,
            derivations.stream()
                .map(SourceTable.Derivation::column)
                .collect(Collectors.toCollection(TreeSet::new)),
            values(key),
            tenantColumn);
    scopeAndTenant(yaml, scope, tenantColumn, columns.keySet());
    if (tenantColumn != null
        && columns.get(tenantColumn) != null
        && columns.get(tenantColumn).nullable()) {
      yaml.problem(
          yaml.line("tenant_column"),
          "tenant column '" + tenantColumn + "' is nullable",
          "Declare it 'nullable: false'; a row without tenant would be nobody's.");
    }
    if (renamed && columns.containsKey(SourceTable.TENANT_ID)) {
      yaml.problem(
          yaml.line("tenant_column"),
          "the table has a column tenant_id, but its tenant column is '" + tenantColumn + "'",
          "Name tenant_id as tenant column: Silver calls the tenant's column so.");
    }
    if (partitionBy != null && scope != null) {
      boolean byTenant = partitionBy != SourceTable.PartitionBy.NONE;
      if (byTenant != (scope == Scope.TENANT)) {
        yaml.problem(
            yaml.line("partition_by"),
            "a table of scope " + scope.id() + " cannot be partitioned so",
            scope == Scope.TENANT
                ? "Write 'partition_by: tenant' or 'partition_by: tenant_and_month'."
                : "Write 'partition_by: none'.");
      }
    }
    boolean byMonth = partitionBy == SourceTable.PartitionBy.TENANT_AND_MONTH;
    if (byMonth && monthOf == null && !yaml.has("month_of")) {
      yaml.problem(
          yaml.line("partition_by"),
          "key 'month_of' is missing",
          "Name the date or timestamp column whose month partitions the table.");
    } else if (partitionBy != null && !byMonth && monthOf != null) {
      yaml.problem(
          yaml.line("month_of"),
          "month_of has no meaning without 'partition_by: tenant_and_month'",
          "Remove it.");
    } else if (monthOf != null) {
      SourceTable.Column column = columns.get(monthOf);
      if (column == null) {
        unknownColumn(yaml, new Text(monthOf, yaml.line("month_of")), "month_of", columns.keySet());
      } else if (column.nullable() || (column.type() != null && !isDay(column.type()))) {
        yaml.problem(
            yaml.line("month_of"),
            "'" + monthOf + "' cannot partition by month",
            "Name a column of type date or timestamp that is never NULL and never changes.");
      }
    }
    yaml.done();
    if (name == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Loaded<>(
            name,
            new SourceTable(
                name,
                values(aliases),
                scope,
                description,
                sourceSchema,
                sourceTable,
                values(key),
                tenantColumn,
                partitionBy,
                monthOf,
                List.copyOf(columns.values()),
                derivations,
                expectations,
                history),
            yaml));
  }

  private static List<Expectation> expectations(
      YamlObject yaml,
      Map<String, SourceTable.Column> columns,
      List<SourceTable.Derivation> derivations,
      Set<String> alsoPersonal) {
    Map<String, TrinoType> types = new TreeMap<>();
    columns.values().forEach(column -> types.put(column.name(), column.type()));
    derivations.forEach(derivation -> types.put(derivation.column(), derivation.type()));
    Set<String> personal = personalColumns(columns.values(), derivations, alsoPersonal);
    List<Expectation> expectations = new ExpectationReader(types, personal).read(yaml);
    if (ExpectationReader.flags(expectations).isPresent() && types.containsKey(Expectation.FLAGS)) {
      yaml.problem(
          yaml.line("expectations"),
          "column '" + Expectation.FLAGS + "' is there already",
          "It is where rows are flagged: rename the other one, or write 'severity: block'.");
    }
    return expectations;
  }

  /** Whether an expression reads a column that holds personal data, or all columns. */
  static boolean touches(String expression, Set<String> personal) {
    return ALL_COLUMNS.matcher(expression).find() && !personal.isEmpty()
        || personal.stream().anyMatch(p -> mentions(expression, p));
  }

  /** As Spark reads names: whatever their case. */
  private static boolean mentions(String expression, String column) {
    return Pattern.compile("\\b" + column + "\\b", Pattern.CASE_INSENSITIVE)
        .matcher(expression)
        .find();
  }

  private List<SourceTable.Derivation> derivations(
      YamlObject yaml,
      Map<String, SourceTable.Column> columns,
      boolean tenantIsDerived,
      Set<String> alsoPersonal) {
    Set<String> personal =
        columns.values().stream()
            .filter(SourceTable.Column::pii)
            .map(SourceTable.Column::name)
            .collect(Collectors.toCollection(HashSet::new));
    personal.addAll(alsoPersonal);
    Map<String, SourceTable.Derivation> derivations = new LinkedHashMap<>();
    for (YamlObject derivation : yaml.objects("derivations", 0)) {
      String column = derivation.text("column");
      TrinoType type = type(derivation);
      String expression = derivation.text("expression");
      String about = derivation.text("description");
      boolean touches =
          personal.contains(column) || (expression != null && touches(expression, personal));
      boolean pii = derivation.flag("pii", touches);
      derivation.done();
      if (column == null) {
        continue;
      }
      Text at = new Text(column, derivation.line("column"));
      if (matches(derivation, at, COLUMN, "column")) {
        if (column.startsWith("_")
            || column.equals(SourceTable.LOAD_DATE)
            || (tenantIsDerived && column.equals(SourceTable.TENANT_ID))) {
          derivation.problem(
              at.line(), "column '" + column + "' is reserved", "Choose another name.");
        }
        SourceTable.Derivation value =
            new SourceTable.Derivation(column, type, expression, pii, about);
        if (derivations.putIfAbsent(column, value) != null) {
          derivation.problem(at.line(), "'" + column + "' is derived twice", "Remove one.");
        }
        if (pii) {
          personal.add(column);
        }
      }
    }
    return List.copyOf(derivations.values());
  }

  private Optional<Loaded<Metric>> metric(String schema, Headed file) {
    YamlObject yaml = file.header();
    yaml.version();
    String name = name(yaml, ".sql");
    Scope scope = oneOf(yaml, "scope", Scope.values());
    String description = yaml.text("description");
    List<Text> grain = yaml.texts("grain", 1);
    List<Text> inputs = yaml.texts("inputs", 1);
    List<Text> timeColumns = yaml.texts("time_columns");
    Metric.Clock clock = oneOf(yaml, "clock", Metric.Clock.values());
    String tenantColumn = yaml.text("tenant_column", null);
    List<Text> partitionBy = yaml.texts("partition_by");
    Map<String, Metric.Column> columns = new LinkedHashMap<>();
    for (YamlObject column : yaml.objects("columns", 1)) {
      String columnName = columnName(column);
      TrinoType type = type(column);
      boolean nullable = column.flag("nullable");
      boolean pii = column.flag("pii", false);
      String about = column.text("description");
      column.done();
      if (columnName != null
          && columns.putIfAbsent(
                  columnName, new Metric.Column(columnName, type, nullable, pii, about))
              != null) {
        column.problem(
            column.line("name"), "column '" + columnName + "' occurs twice", "Remove one.");
      }
    }
    for (Text part : grain) {
      Metric.Column column = columns.get(part.value());
      if (column == null) {
        unknownColumn(yaml, part, "grain", columns.keySet());
      } else if (column.nullable()) {
        yaml.problem(
            part.line(),
            "grain column '" + part.value() + "' is nullable",
            "Declare it 'nullable: false'; the grain identifies a row.");
      }
    }
    for (Text part : partitionBy) {
      if (!columns.containsKey(part.value())) {
        unknownColumn(yaml, part, "partition_by", columns.keySet());
      } else if (columns.get(part.value()).nullable()) {
        yaml.problem(
            part.line(),
            "partition column '" + part.value() + "' is nullable",
            "Declare it 'nullable: false'.");
      }
    }
    for (Text part : timeColumns) {
      if (!columns.containsKey(part.value())) {
        unknownColumn(yaml, part, "time_columns", columns.keySet());
      }
    }
    scopeAndTenant(yaml, scope, tenantColumn, columns.keySet());
    if (scope == Scope.TENANT && tenantColumn != null && columns.containsKey(tenantColumn)) {
      if (partitionBy.isEmpty() || !partitionBy.get(0).value().equals(tenantColumn)) {
        yaml.problem(
            yaml.line("partition_by"),
            "a metric of scope tenant is not partitioned by its tenant column first",
            "Write 'partition_by: [" + tenantColumn + ", ...]'.");
      }
      if (grain.stream().noneMatch(g -> g.value().equals(tenantColumn))) {
        yaml.problem(
            yaml.line("grain"),
            "the grain lacks the tenant column '" + tenantColumn + "'",
            "Add it: a row belongs to one tenant.");
      }
    }
    metricSql(file, inputs, clock);
    Map<String, TrinoType> types = new TreeMap<>();
    columns.values().forEach(column -> types.put(column.name(), column.type()));
    Set<String> personal =
        columns.values().stream()
            .filter(Metric.Column::pii)
            .map(Metric.Column::name)
            .collect(Collectors.toCollection(HashSet::new));
    personal.addAll(marked.getOrDefault(schema + "." + name, Set.of()));
    List<Expectation> expectations = new ExpectationReader(types, personal).readOfMetric(yaml);
    Metric.Incremental incremental =
        IncrementalHeader.read(yaml, Set.copyOf(values(grain)), values(inputs));
    yaml.done();
    if (name == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Loaded<>(
            name,
            new Metric(
                schema,
                name,
                scope,
                description,
                values(grain),
                values(inputs),
                values(timeColumns),
                clock,
                tenantColumn,
                values(partitionBy),
                List.copyOf(columns.values()),
                incremental,
                expectations,
                file.sql()),
            yaml));
  }

  private void metricSql(Headed file, List<Text> inputs, Metric.Clock clock) {
    YamlObject yaml = file.header();
    String code = withoutTextAndComments(file.sql());
    Set<String> named = tablesIn(DATASET, code);
    Set<String> declared = Set.copyOf(values(inputs));
    for (String table : named) {
      if (!declared.contains(table)) {
        yaml.problem(
            file.sqlLine(),
            "the SQL reads " + table + ", which inputs does not name",
            "Add it to inputs, or changes of it would not refresh the metric.");
      }
    }
    for (Text input : inputs) {
      if (!named.contains(input.value())) {
        yaml.problem(
            input.line(),
            "the SQL does not read '" + YamlObject.shown(input.value()) + "'",
            "Remove it from inputs, or write it in the SQL as " + "<schema>.<name>.");
      }
    }
    boolean asOf = false;
    Matcher token = TOKEN.matcher(file.sql());
    while (token.find()) {
      if (token.group().equals(Metric.AS_OF_DATE)) {
        asOf = true;
      } else {
        yaml.problem(
            file.sqlLine(),
            "unknown token " + YamlObject.shown(token.group()),
            "The only token is " + Metric.AS_OF_DATE + ".");
      }
    }
    if (asOf && clock == Metric.Clock.NONE) {
      yaml.problem(
          yaml.line("clock"),
          "the SQL uses " + Metric.AS_OF_DATE + ", but clock is none",
          "Write 'clock: utc_day', so that the metric is refreshed when the day changes.");
    }
    Matcher now = CLOCK.matcher(code);
    if (now.find()) {
      yaml.problem(
          file.sqlLine(),
          "the SQL asks for the present time (" + now.group(1) + ")",
          "Use " + Metric.AS_OF_DATE + ", so that a run can be repeated with the same result.");
    }
  }

  private Optional<Loaded<SavedQuery>> query(Headed file) {
    YamlObject yaml = file.header();
    yaml.version();
    String name = name(yaml, ".sql");
    String title = yaml.text("title");
    String description = yaml.text("description");
    String workgroup = yaml.text("workgroup");
    List<Text> inputs = yaml.texts("inputs", 1);
    Set<String> named = tablesIn(ANY_TABLE, withoutTextAndComments(file.sql()));
    Set<String> declared = Set.copyOf(values(inputs));
    for (String table : named) {
      if (!declared.contains(table)) {
        yaml.problem(
            file.sqlLine(),
            "the SQL reads " + table + ", which inputs does not name",
            "Add it to inputs.");
      }
    }
    for (Text input : inputs) {
      if (!named.contains(input.value())) {
        yaml.problem(
            input.line(),
            "the SQL does not read '" + YamlObject.shown(input.value()) + "'",
            "Remove it from inputs.");
      }
    }
    yaml.done();
    return name == null
        ? Optional.empty()
        : Optional.of(
            new Loaded<>(
                name,
                new SavedQuery(name, title, description, workgroup, values(inputs), file.sql()),
                yaml));
  }

  private Loaded<Governance> governance(YamlObject yaml) {
    yaml.version();
    Map<String, Governance.Persona> personas = new LinkedHashMap<>();
    for (YamlObject persona : yaml.objects("personas", 1)) {
      String name = persona.text("name");
      String description = persona.text("description");
      List<Text> schemas = persona.texts("schemas", 1);
      for (Text schema : schemas) {
        if (!LAYERS.contains(schema.value())) {
          persona.problem(
              schema.line(),
              "'" + YamlObject.shown(schema.value()) + "' is not a layer",
              "Use bronze, silver or gold.");
        }
      }
      Rows rows = oneOf(persona, "rows", Rows.values());
      boolean pii = persona.flag("pii", false);
      boolean internal = persona.flag("internal", false);
      boolean administers = persona.flag("administers", false);
      persona.done();
      if (name != null
          && matches(persona, new Text(name, persona.line("name")), PERSONA, "persona")
          && personas.putIfAbsent(
                  name,
                  new Governance.Persona(
                      name,
                      description,
                      values(schemas),
                      rows == Rows.ALL,
                      pii,
                      internal,
                      administers))
              != null) {
        persona.problem(persona.line("name"), "persona '" + name + "' occurs twice", "Remove one.");
      }
    }
    List<Governance.TierFilter> filters = new ArrayList<>();
    Set<String> filterNames = new HashSet<>();
    Set<String> tiers = new HashSet<>();
    for (YamlObject filter : yaml.objects("tier_filters", 0)) {
      String name = filter.text("name");
      String tier = filter.text("tier");
      List<Text> tenants = filter.texts("tenants", 1);
      filter.done();
      if (name != null
          && matches(filter, new Text(name, filter.line("name")), NAME, "tier filter")
          && !filterNames.add(name)) {
        filter.problem(
            filter.line("name"), "tier filter '" + name + "' occurs twice", "Remove one.");
      }
      if (tier != null && !tiers.add(tier)) {
        filter.problem(
            filter.line("tier"),
            "tier '" + YamlObject.shown(tier) + "' has two filters",
            "Put its tenants into one.");
      }
      if (name != null && tier != null) {
        filters.add(new Governance.TierFilter(name, tier, values(tenants)));
      }
    }
    Map<String, Governance.Workgroup> workgroups = new LinkedHashMap<>();
    for (YamlObject workgroup : yaml.objects("workgroups", 0)) {
      String name = workgroup.text("name");
      String description = workgroup.text("description");
      List<Text> users = workgroup.texts("personas", 1);
      for (Text user : users) {
        if (!personas.containsKey(user.value())) {
          workgroup.problem(
              user.line(),
              "there is no persona '" + YamlObject.shown(user.value()) + "'",
              "Use one of: " + String.join(", ", personas.keySet()) + ".");
        }
      }
      workgroup.done();
      if (name != null
          && matches(workgroup, new Text(name, workgroup.line("name")), WORKGROUP, "workgroup")
          && workgroups.putIfAbsent(
                  name, new Governance.Workgroup(name, description, values(users)))
              != null) {
        workgroup.problem(
            workgroup.line("name"), "workgroup '" + name + "' occurs twice", "Remove one.");
      }
    }
    List<Governance.PersonalData> personalData = new ArrayList<>();
    for (YamlObject entry : yaml.objects("personal_data", 0)) {
      String table = entry.text("table");
      List<Text> columns = entry.texts("columns", 1);
      entry.done();
      if (table != null) {
        personalData.add(new Governance.PersonalData(table, values(columns)));
      }
    }
    yaml.done();
    return new Loaded<>(
        "governance",
        new Governance(
            List.copyOf(personas.values()),
            filters,
            List.copyOf(workgroups.values()),
            personalData),
        yaml);
  }

  private enum Rows {
    ALL,
    TENANTS
  }

  // ---- between files

  private void checkTables(List<Loaded<SourceTable>> tables) {
    Map<String, String> names = new HashMap<>();
    Map<String, String> sources = new HashMap<>();
    for (Loaded<SourceTable> table : tables) {
      names.put(table.name(), table.yaml().file());
    }
    for (Loaded<SourceTable> table : tables) {
      String history = table.name() + HistoryTable.SUFFIX;
      String taken =
          table.value().history() == null ? null : names.putIfAbsent(history, table.yaml().file());
      if (taken != null) {
        table
            .yaml()
            .problem(
                table.yaml().line("history"),
                "its history would be called '" + history + "' like a table in " + taken,
                "Rename that table.");
      }
      if (table.value().history() != null && !NAME.matcher(history).matches()) {
        table
            .yaml()
            .problem(
                table.yaml().line("history"),
                "its history would be called '" + history + "', which is too long",
                "Shorten the name of the table.");
      }
    }
    for (Loaded<SourceTable> table : tables) {
      Optional<Quarantine> quarantine = table.value().quarantine();
      String kept =
          quarantine.map(q -> names.putIfAbsent(q.name(), table.yaml().file())).orElse(null);
      if (kept != null) {
        table
            .yaml()
            .problem(
                table.yaml().line("expectations"),
                "its quarantine would be called '"
                    + quarantine.get().name()
                    + "', as a table in "
                    + kept,
                "Rename that one, or write 'severity: flag'.");
      }
      String flags = FlagTable.name(table.value());
      String flagged =
          FlagTable.isNeeded(table.value()) ? names.putIfAbsent(flags, table.yaml().file()) : null;
      if (flagged != null) {
        table
            .yaml()
            .problem(
                table.yaml().line("expectations"),
                "what other rows decide would be in '"
                    + flags
                    + "', which is a name of a table in "
                    + flagged,
                "Rename that one.");
      }
    }
    for (Loaded<SourceTable> table : tables) {
      for (Text alias : table.yaml().texts("aliases")) {
        String other = names.putIfAbsent(alias.value(), table.yaml().file());
        if (other != null) {
          table
              .yaml()
              .problem(
                  alias.line(),
                  "alias '" + alias.value() + "' is already a name of a table in " + other,
                  "Choose another alias.");
        }
      }
      String source = table.value().sourceTable();
      String other = source == null ? null : sources.putIfAbsent(source, table.yaml().file());
      if (other != null) {
        table
            .yaml()
            .problem(
                table.yaml().line("source"),
                "source table '" + source + "' is already described in " + other,
                "Describe a source table once.");
      }
    }
  }

  /** Relationships lead to columns of described tables that can be compared with their own. */
  private static void checkReferences(List<Loaded<SourceTable>> tables) {
    Map<String, SourceTable> known = new TreeMap<>();
    tables.forEach(table -> known.put(table.value().dataset(), table.value()));
    for (Loaded<SourceTable> table : tables) {
      Map<String, Expectation> expectations = new HashMap<>();
      table.value().expectations().forEach(e -> expectations.put(e.name(), e));
      for (YamlObject yaml : table.yaml().objects("expectations", 0)) {
        Expectation expectation =
            yaml.has("references") && yaml.has("name")
                ? expectations.get(yaml.text("name", ""))
                : null;
        if (expectation != null && expectation.references() != null) {
          checkReference(yaml, table.value(), expectation, known);
        }
      }
      if (FlagTable.isNeeded(table.value())
          && table.value().key().contains(FlagTable.EXPECTATION)) {
        table
            .yaml()
            .problem(
                table.yaml().line("expectations"),
                "key column '" + FlagTable.EXPECTATION + "' is taken by what other rows decide",
                "Write these expectations as a table in derived/.");
      }
    }
  }

  private static void checkReference(
      YamlObject yaml, SourceTable table, Expectation expectation, Map<String, SourceTable> known) {
    SourceTable other = known.get(expectation.references().dataset());
    if (other == null) {
      yaml.problem(
          yaml.line("references"),
          "there is no table '" + YamlObject.shown(expectation.references().dataset()) + "'",
          "Use one of: " + abbreviated(known.keySet()) + ".");
      return;
    }
    if (other.tenantColumn() != null && table.tenantColumn() == null) {
      yaml.problem(
          yaml.line("references"),
          other.dataset() + " holds rows of tenants, which this table does not",
          "A row without tenant refers to tables without tenants.");
    }
    if (other.scope() == Scope.INTERNAL && table.scope() != Scope.INTERNAL) {
      yaml.problem(
          yaml.line("references"),
          other.dataset() + " is internal, which this table is not",
          "Who may read this table alone must not learn what is in that one.");
    }
    List<String> to = FlagTable.to(expectation, other);
    if (to.size() != expectation.columns().size()) {
      yaml.problem(
          yaml.line("columns"),
          "%d columns refer to %d: %s"
              .formatted(expectation.columns().size(), to.size(), String.join(", ", to)),
          "Name as many, or those that they lead to under 'to'.");
      return;
    }
    Map<String, TrinoType> own = typesOf(table);
    Map<String, TrinoType> others = typesOf(other);
    for (int i = 0; i < to.size(); i++) {
      TrinoType wanted = others.get(to.get(i));
      TrinoType has = own.get(expectation.columns().get(i));
      if (!others.containsKey(to.get(i))) {
        unknownColumn(yaml, new Text(to.get(i), yaml.line("to")), "to", others.keySet());
      } else if (wanted != null && has != null && !comparable(wanted).equals(comparable(has))) {
        yaml.problem(
            yaml.line("columns"),
            "'%s' of type %s refers to '%s' of type %s"
                .formatted(expectation.columns().get(i), has.text(), to.get(i), wanted.text()),
            "Derive a column of the same type.");
      }
    }
  }

  /**
   * That a value is, or is not, in a personal column is personal, unless the expectation says so.
   */
  private Loaded<SourceTable> withPersonalReferences(
      Loaded<SourceTable> loaded, List<Loaded<SourceTable>> tables) {
    Set<String> declared =
        loaded.yaml().objects("expectations", 0).stream()
            .filter(yaml -> yaml.has("pii") && yaml.has("name"))
            .map(yaml -> yaml.text("name", ""))
            .collect(Collectors.toSet());
    List<Expectation> expectations = new ArrayList<>();
    for (Expectation expectation : loaded.value().expectations()) {
      boolean leads =
          expectation.references() != null
              && !declared.contains(expectation.name())
              && tables.stream()
                  .map(Loaded::value)
                  .filter(t -> t.dataset().equals(expectation.references().dataset()))
                  .anyMatch(
                      t ->
                          FlagTable.to(expectation, t).stream()
                              .anyMatch(personalColumns(t)::contains));
      expectations.add(leads ? expectation.asPersonal() : expectation);
    }
    return new Loaded<>(
        loaded.name(), loaded.value().withExpectations(expectations), loaded.yaml());
  }

  private static Map<String, TrinoType> typesOf(SourceTable table) {
    Map<String, TrinoType> types = new TreeMap<>();
    table.columns().forEach(column -> types.put(column.name(), column.type()));
    table.derivations().forEach(derivation -> types.put(derivation.column(), derivation.type()));
    if (table.tenantColumn() != null) {
      types.putIfAbsent(SourceTable.TENANT_ID, new TrinoType.Varchar(null));
    }
    return types;
  }

  /** Types whose values are equal when they are written alike. */
  private static String comparable(TrinoType type) {
    return type.text().replaceAll("\\(\\d+\\)$", "").replaceAll("^(smallint|integer)$", "bigint");
  }

  /** A derived table is one of Silver's: its name is nobody else's there, and it reads no Gold. */
  private static void checkDerived(
      List<Loaded<Metric>> computed, List<Loaded<SourceTable>> tables) {
    Map<String, String> names = new HashMap<>();
    for (Loaded<SourceTable> table : tables) {
      names.put(table.name(), table.yaml().file());
      table.value().aliases().forEach(alias -> names.put(alias, table.yaml().file()));
      table.value().quarantine().ifPresent(q -> names.put(q.name(), table.yaml().file()));
      if (FlagTable.isNeeded(table.value())) {
        names.put(FlagTable.name(table.value()), table.yaml().file());
      }
      if (table.value().history() != null) {
        names.put(table.name() + HistoryTable.SUFFIX, table.yaml().file());
      }
    }
    for (Loaded<Metric> derived : computed) {
      if (!derived.value().schema().equals("silver")) {
        continue;
      }
      String other = names.get(derived.name());
      if (other != null) {
        derived
            .yaml()
            .problem(
                derived.yaml().line("name"),
                "'" + derived.name() + "' is already a name of a table in " + other,
                "Choose another name.");
      }
      for (Text input : derived.yaml().texts("inputs")) {
        if (input.value().startsWith("gold.")) {
          derived
              .yaml()
              .problem(
                  input.line(),
                  "a derived table of Silver reads Gold",
                  "Read tables of Silver only, or make it a metric.");
        }
      }
    }
  }

  private void checkMetrics(List<Loaded<Metric>> metrics, List<Loaded<SourceTable>> tables) {
    Map<String, String> aliases = new HashMap<>();
    Set<String> datasets = new TreeSet<>();
    for (Loaded<SourceTable> table : tables) {
      datasets.add("silver." + table.name());
      if (FlagTable.isNeeded(table.value())) {
        datasets.add("silver." + FlagTable.name(table.value()));
      }
      if (table.value().history() != null) {
        datasets.add("silver." + table.name() + HistoryTable.SUFFIX);
      }
      table.value().aliases().forEach(a -> aliases.put("silver." + a, "silver." + table.name()));
    }
    metrics.forEach(m -> datasets.add(m.value().dataset()));
    Map<String, List<String>> dependencies = new TreeMap<>();
    Map<String, Loaded<Metric>> byDataset = new HashMap<>();
    for (Loaded<Metric> metric : metrics) {
      byDataset.put(metric.value().dataset(), metric);
      dependencies.put(metric.value().dataset(), metric.value().inputs());
      for (Text input : metric.yaml().texts("inputs")) {
        if (aliases.containsKey(input.value()) && !datasets.contains(input.value())) {
          metric
              .yaml()
              .problem(
                  input.line(),
                  "'" + input.value() + "' is an alias",
                  "Write " + aliases.get(input.value()) + ", here and in the SQL.");
        } else if (!datasets.contains(input.value())) {
          metric
              .yaml()
              .problem(
                  input.line(),
                  "there is no dataset '" + YamlObject.shown(input.value()) + "'",
                  "Use one of: " + abbreviated(datasets) + ".");
        }
      }
    }
    // Each cycle is reported once and then cut, so that others show as well.
    while (true) {
      List<String> cycle = TopologicalOrder.of(dependencies).cycle();
      if (cycle.isEmpty()) {
        return;
      }
      Loaded<Metric> first = byDataset.get(cycle.get(0));
      first
          .yaml()
          .problem(
              first.yaml().line("inputs"),
              "metrics depend on each other: " + String.join(" -> ", cycle),
              "Remove one of these inputs.");
      dependencies.put(cycle.get(0), List.of());
    }
  }

  private void checkQueries(
      List<Loaded<SavedQuery>> queries,
      Set<String> tables,
      Optional<Loaded<Governance>> governance) {
    Set<String> workgroups =
        governance
            .map(
                g ->
                    g.value().workgroups().stream()
                        .map(Governance.Workgroup::name)
                        .collect(Collectors.toCollection(TreeSet::new)))
            .orElseGet(TreeSet::new);
    for (Loaded<SavedQuery> query : queries) {
      YamlObject yaml = query.yaml();
      for (Text input : yaml.texts("inputs")) {
        if (!tables.contains(input.value())) {
          yaml.problem(
              input.line(),
              "there is no table '" + YamlObject.shown(input.value()) + "'",
              "Use one of: " + abbreviated(tables) + ".");
        }
      }
      String workgroup = query.value().workgroup();
      if (governance.isEmpty() || workgroup == null) {
        continue;
      }
      if (!workgroups.contains(workgroup)) {
        yaml.problem(
            yaml.line("workgroup"),
            "there is no workgroup '" + YamlObject.shown(workgroup) + "' in governance.yaml",
            "Use one of: " + abbreviated(workgroups) + ".");
        continue;
      }
      Set<String> layers = layersOf(governance.get().value(), workgroup);
      for (Text input : yaml.texts("inputs")) {
        if (tables.contains(input.value())
            && !layers.contains(input.value().substring(0, input.value().indexOf('.')))) {
          yaml.problem(
              input.line(),
              "no persona of workgroup " + workgroup + " may read " + input.value(),
              "Choose another workgroup or another table.");
        }
      }
    }
  }

  private static Set<String> layersOf(Governance governance, String workgroup) {
    Set<String> users =
        governance.workgroups().stream()
            .filter(w -> w.name().equals(workgroup))
            .flatMap(w -> w.personas().stream())
            .collect(Collectors.toSet());
    return governance.personas().stream()
        .filter(p -> users.contains(p.name()))
        .flatMap(p -> p.schemas().stream())
        .collect(Collectors.toSet());
  }

  /**
   * A column that may hold personal data of an input says whether it does. What governance.yaml
   * alone calls personal is not asked for: to tighten a column there must not wait for other files.
   */
  private static void checkInherited(List<Loaded<Metric>> computed, List<SourceTable> tables) {
    Map<String, Set<String>> personal = new HashMap<>();
    for (SourceTable table : tables) {
      Set<String> names = personal.computeIfAbsent(table.dataset(), t -> new HashSet<>());
      names.addAll(personalColumns(table.columns(), table.derivations(), Set.of()));
      if (table.history() != null) {
        personal.put(
            table.dataset() + HistoryTable.SUFFIX,
            personalColumns(table.columns(), List.of(), Set.of()));
      }
    }
    for (Loaded<Metric> metric : computed) {
      Set<String> names = personal.computeIfAbsent(metric.value().dataset(), m -> new HashSet<>());
      metric.value().columns().stream()
          .filter(Metric.Column::pii)
          .forEach(column -> names.add(column.name()));
    }
    for (Loaded<Metric> metric : computed) {
      Set<String> inherited = new TreeSet<>();
      for (String input : metric.value().inputs()) {
        inherited.addAll(personal.getOrDefault(input, Set.of()));
      }
      if (inherited.isEmpty()) {
        continue;
      }
      Set<String> names = PersonalNames.of(withoutTextAndComments(metric.value().sql()), inherited);
      for (YamlObject column : metric.yaml().objects("columns", 1)) {
        String name = column.text("name", "");
        if (name != null && names.contains(name) && !column.has("pii")) {
          column.problem(
              column.line("name"),
              "column '" + name + "' may hold personal data of an input",
              "Write 'pii: true', or 'pii: false' where nothing personal is left in it.");
        }
      }
    }
  }

  /** Personal columns of a table as it is stored, whatever says so. */
  private Set<String> personalColumns(SourceTable table) {
    return personalColumns(
        table.columns(), table.derivations(), marked.getOrDefault(table.dataset(), Set.of()));
  }

  /**
   * A derivation that replaces a column says what is stored of it, but for what governance.yaml
   * names.
   */
  private static Set<String> personalColumns(
      Collection<SourceTable.Column> columns,
      List<SourceTable.Derivation> derivations,
      Set<String> alsoPersonal) {
    Set<String> personal = new HashSet<>();
    columns.stream().filter(SourceTable.Column::pii).forEach(c -> personal.add(c.name()));
    for (SourceTable.Derivation derivation : derivations) {
      if (derivation.pii()) {
        personal.add(derivation.column());
      } else {
        personal.remove(derivation.column());
      }
    }
    personal.addAll(alsoPersonal);
    return personal;
  }

  private static void checkPersonalData(
      Loaded<Governance> governance, Map<String, Set<String>> columns) {
    for (YamlObject entry : governance.yaml().objects("personal_data", 0)) {
      String table = entry.has("table") ? entry.text("table", null) : null;
      if (table == null) {
        continue;
      }
      Set<String> known = columns.get(table);
      if (known == null) {
        entry.problem(
            entry.line("table"),
            "there is no table '" + YamlObject.shown(table) + "'",
            "Use one of: " + abbreviated(columns.keySet()) + ".");
        continue;
      }
      for (Text column : entry.texts("columns")) {
        if (!known.contains(column.value())) {
          unknownColumn(entry, column, table, known);
        }
      }
    }
  }

  private static Map<String, Set<String>> columnsByTable(
      List<Loaded<SourceTable>> tables, List<Loaded<Metric>> metrics) {
    Map<String, Set<String>> columns = new TreeMap<>();
    for (Loaded<SourceTable> table : tables) {
      SourceTable value = table.value();
      List<String> own = value.columns().stream().map(SourceTable.Column::name).toList();
      Set<String> silver = new TreeSet<>(own);
      value.derivations().forEach(d -> silver.add(d.column()));
      if (value.tenantColumn() != null) {
        silver.add(SourceTable.TENANT_ID);
      }
      columns.put("silver." + table.name(), silver);
      value
          .quarantine()
          .ifPresent(
              quarantine ->
                  columns.put(
                      quarantine.dataset(),
                      Quarantine.COLUMNS.stream()
                          .map(Quarantine.Column::name)
                          .collect(Collectors.toCollection(TreeSet::new))));
      if (FlagTable.isNeeded(value)) {
        columns.put("silver." + FlagTable.name(value), FlagTable.columns(value));
      }
      if (value.history() != null) {
        columns.put(
            "silver." + table.name() + HistoryTable.SUFFIX,
            historyColumns(value).collect(Collectors.toCollection(TreeSet::new)));
      }
      if (value.sourceTable() != null) {
        columns.put(
            "bronze." + value.sourceTable(),
            Stream.concat(own.stream(), BRONZE_COLUMNS.stream())
                .collect(Collectors.toCollection(TreeSet::new)));
      }
    }
    for (Loaded<Metric> metric : metrics) {
      columns.put(
          metric.value().dataset(),
          metric.value().columns().stream()
              .map(Metric.Column::name)
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    return columns;
  }

  /** Also of a description that is not right otherwise. */
  private static Stream<String> historyColumns(SourceTable table) {
    return Stream.of(
            table.key().stream(),
            table.tenantColumn() == null ? Stream.<String>of() : Stream.of(SourceTable.TENANT_ID),
            table.history().columns().stream(),
            HistoryTable.OWN.stream()
                .filter(
                    own ->
                        table.history().transitions() != null
                            || !own.equals(HistoryTable.TRANSITION_ALLOWED)))
        .flatMap(names -> names);
  }

  // ---- pieces

  private static String name(YamlObject yaml, String extension) {
    String name = yaml.text("name");
    if (name == null || !matches(yaml, new Text(name, yaml.line("name")), NAME, "name")) {
      return null;
    }
    notReserved(yaml, new Text(name, yaml.line("name")));
    String file = yaml.file().substring(yaml.file().lastIndexOf('/') + 1);
    if (!file.equals(name + extension)) {
      yaml.problem(
          yaml.line("name"),
          "name '" + name + "' differs from the file's name",
          "Call the file " + name + extension + ".");
      return null;
    }
    return name;
  }

  /** Who may read a table that is made of a former state is told by its name. */
  private static void notReserved(YamlObject yaml, Text name) {
    if (name.value().contains(AsOfTable.MARK)) {
      yaml.problem(
          name.line(),
          "name '" + name.value() + "' is reserved",
          "Names with '" + AsOfTable.MARK + "' are those of tables made of former states.");
    }
  }

  private static String columnName(YamlObject column) {
    String name = column.text("name");
    if (name == null || !matches(column, new Text(name, column.line("name")), COLUMN, "column")) {
      return null;
    }
    if (BRONZE_COLUMNS.contains(name) || name.startsWith("_hoodie_")) {
      column.problem(
          column.line("name"),
          "column '" + name + "' is reserved",
          "The lakehouse adds a column of this name; rename it in the source or the query.");
      return null;
    }
    return name;
  }

  private static boolean matches(YamlObject yaml, Text text, Pattern pattern, String what) {
    if (pattern.matcher(text.value()).matches()) {
      return true;
    }
    yaml.problem(
        text.line(),
        what + " '" + YamlObject.shown(text.value()) + "' is not well formed",
        "It must match " + pattern.pattern() + ".");
    return false;
  }

  private static TrinoType type(YamlObject yaml) {
    String type = yaml.text("type");
    if (type == null) {
      return null;
    }
    try {
      return TrinoType.parse(type);
    } catch (IllegalArgumentException e) {
      yaml.problem(
          yaml.line("type"),
          "unknown type '" + YamlObject.shown(type) + "'",
          YamlObject.shown(type).equals(type) ? e.getMessage() + "." : "Use a Trino type.");
      return null;
    }
  }

  static <E extends Enum<E>> E oneOf(YamlObject yaml, String key, E[] values) {
    String text = yaml.text(key);
    if (text == null) {
      return null;
    }
    for (E value : values) {
      if (value.name().toLowerCase(java.util.Locale.ROOT).equals(text)) {
        return value;
      }
    }
    yaml.problem(
        yaml.line(key),
        key + " '" + YamlObject.shown(text) + "' is unknown",
        "Use one of: "
            + Arrays.stream(values)
                .map(v -> v.name().toLowerCase(java.util.Locale.ROOT))
                .collect(Collectors.joining(", "))
            + ".");
    return null;
  }

  private static void scopeAndTenant(
      YamlObject yaml, Scope scope, String tenantColumn, Set<String> columns) {
    if (scope == Scope.TENANT && tenantColumn == null && !yaml.has("tenant_column")) {
      yaml.problem(
          yaml.line("scope"),
          "key 'tenant_column' is missing",
          "Name the column that holds the tenant, or choose another scope.");
    } else if (scope != null && scope != Scope.TENANT && tenantColumn != null) {
      yaml.problem(
          yaml.line("tenant_column"),
          "a tenant column contradicts scope " + scope.id(),
          "Write 'scope: tenant', or remove tenant_column.");
    } else if (tenantColumn != null && !columns.contains(tenantColumn)) {
      unknownColumn(
          yaml, new Text(tenantColumn, yaml.line("tenant_column")), "tenant_column", columns);
    }
  }

  static void unknownColumn(YamlObject yaml, Text column, String where, Set<String> columns) {
    yaml.problem(
        column.line(),
        where + " names '" + YamlObject.shown(column.value()) + "', which is not a column",
        "Use one of: " + abbreviated(columns) + ".");
  }

  private static boolean isDay(TrinoType type) {
    return type == TrinoType.Simple.DATE
        || type == TrinoType.Simple.TIMESTAMP
        || type == TrinoType.Simple.TIMESTAMP_WITH_TIME_ZONE;
  }

  static Set<String> tablesIn(Pattern pattern, String code) {
    Set<String> tables = new TreeSet<>();
    Matcher matcher = pattern.matcher(code);
    while (matcher.find()) {
      tables.add((matcher.group(1) + "." + matcher.group(2)).toLowerCase(java.util.Locale.ROOT));
    }
    return tables;
  }

  // Good enough to find names: quoted texts become '' and comments a space.
  static String withoutTextAndComments(String sql) {
    StringBuilder out = new StringBuilder(sql.length());
    int i = 0;
    while (i < sql.length()) {
      if (sql.startsWith("--", i)) {
        int end = sql.indexOf('\n', i);
        i = end < 0 ? sql.length() : end;
        out.append(' ');
      } else if (sql.startsWith("/*", i)) {
        int end = sql.indexOf("*/", i + 2);
        i = end < 0 ? sql.length() : end + 2;
        out.append(' ');
      } else if (sql.charAt(i) == '\'') {
        int end = sql.indexOf('\'', i + 1);
        i = end < 0 ? sql.length() : end + 1;
        out.append("''");
      } else {
        out.append(sql.charAt(i++));
      }
    }
    return out.toString();
  }

  private static List<String> values(List<Text> texts) {
    return texts.stream().map(Text::value).toList();
  }

  static String abbreviated(Set<String> names) {
    if (names.isEmpty()) {
      return "(none)";
    }
    return names.stream().limit(40).collect(Collectors.joining(", "))
        + (names.size() > 40 ? ", ..." : "");
  }
}
