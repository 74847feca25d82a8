package dev.lakegate.model.description;

import dev.lakegate.model.description.YamlObject.Text;
import dev.lakegate.model.types.TrinoType;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads {@code expectations} of a table or metric, and writes each that a row alone decides as a
 * condition of Spark SQL.
 */
final class ExpectationReader {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");

  private final Map<String, TrinoType> columns;
  private final Set<String> personal;

  /**
   * For a table.
   *
   * @param columns of a stored row with their types, derived ones included; a type is null where it
   *     is not well formed
   * @param personal those that hold personal data
   */
  ExpectationReader(Map<String, TrinoType> columns, Set<String> personal) {
    this.columns = columns;
    this.personal = personal;
  }

  /**
   * Those of a metric: its grain is unique anyway, and rows that it lacks are its query's affair.
   */
  List<Expectation> readOfMetric(YamlObject header) {
    List<Expectation> expectations = read(header);
    for (YamlObject yaml : header.objects("expectations", 0)) {
      String kind = yaml.text("kind", null);
      if ("unique".equals(kind) || "relationship".equals(kind)) {
        yaml.problem(
            yaml.line("kind"),
            "an expectation of kind " + kind + " is one of a table",
            "Declare it of a table in tables/, or compute it as a table in derived/.");
      }
      String expression = yaml.text("expression", null);
      if (expression == null) {
        continue;
      }
      if (LakehouseLoader.TOKEN.matcher(expression).find()
          || LakehouseLoader.CLOCK
              .matcher(LakehouseLoader.withoutTextAndComments(expression))
              .find()) {
        yaml.problem(
            yaml.line("expression"),
            "expression depends on the clock",
            "Compare with a column that the query computes.");
      }
    }
    return expectations;
  }

  List<Expectation> read(YamlObject table) {
    Map<String, Expectation> expectations = new LinkedHashMap<>();
    for (YamlObject yaml : table.objects("expectations", 0)) {
      Optional<Expectation> expectation = expectation(yaml);
      if (expectation.isPresent()
          && expectations.putIfAbsent(expectation.get().name(), expectation.get()) != null) {
        yaml.problem(
            yaml.line("name"),
            "expectation '" + expectation.get().name() + "' occurs twice",
            "Choose another name.");
      }
    }
    return List.copyOf(expectations.values());
  }

  /**
   * The column that names what a row does not meet: it has one as soon as an expectation flags.
   * Nothing of a row but the names of expectations is in it, and so what they say of the row.
   */
  static Optional<SourceTable.Derivation> flags(List<Expectation> expectations) {
    List<String> names = new ArrayList<>();
    boolean pii = false;
    for (Expectation expectation : expectations) {
      if (expectation.severity() == Expectation.Severity.FLAG
          && !expectation.kind().needsOtherRows()) {
        names.add(
            "IF(coalesce((%s), true), NULL, '%s')"
                .formatted(expectation.condition(), expectation.name()));
        pii |= expectation.pii();
      }
    }
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SourceTable.Derivation(
                Expectation.FLAGS,
                new TrinoType.Array(new TrinoType.Varchar(null)),
                "array_except(array(%s), array(CAST(NULL AS string)))"
                    .formatted(String.join(", ", names)),
                pii,
                "Names of the expectations that the row does not meet."));
  }

  private Optional<Expectation> expectation(YamlObject yaml) {
    String name = yaml.text("name");
    Expectation.Kind kind = LakehouseLoader.oneOf(yaml, "kind", Expectation.Kind.values());
    Expectation.Severity severity =
        LakehouseLoader.oneOf(yaml, "severity", Expectation.Severity.values());
    String description = yaml.text("description");
    List<String> judged = List.of();
    Expectation.Reference references = null;
    String condition = null;
    boolean pii = false;
    if (kind != null) {
      switch (kind) {
        case NOT_NULL -> {
          judged = columns(yaml, 1);
          condition = notNull(judged);
        }
        case ACCEPTED_VALUES -> condition = acceptedValues(yaml);
        case RANGE -> condition = range(yaml);
        case SQL -> condition = yaml.text("expression");
        case UNIQUE -> judged = columns(yaml, 1);
        case RELATIONSHIP -> {
          judged = columns(yaml, 1);
          references = reference(yaml);
        }
      }
      pii = yaml.flag("pii", touches(yaml, condition));
      if (kind.needsOtherRows() && severity == Expectation.Severity.BLOCK) {
        yaml.problem(
            yaml.line("severity"),
            "an expectation of kind " + kind.name().toLowerCase(Locale.ROOT) + " cannot block",
            "Write 'severity: flag': whether the row meets it changes with other rows, which would"
                + " take it out of the table and put it back without a change of its own.");
        severity = null;
      }
      yaml.done();
    }
    if (name != null && !NAME.matcher(name).matches()) {
      yaml.problem(
          yaml.line("name"),
          "expectation '" + YamlObject.shown(name) + "' is not well formed",
          "It must match " + NAME.pattern() + ".");
      return Optional.empty();
    }
    boolean complete =
        kind != null
            && (kind.needsOtherRows()
                ? !judged.isEmpty() && (kind == Expectation.Kind.UNIQUE || references != null)
                : condition != null);
    return name == null || !complete || severity == null
        ? Optional.empty()
        : Optional.of(
            new Expectation(name, kind, condition, severity, description, judged, references, pii));
  }

  /** Whether it says something of a personal column. */
  private boolean touches(YamlObject yaml, String condition) {
    return yaml.texts("columns").stream().anyMatch(column -> personal.contains(column.value()))
        || condition != null && LakehouseLoader.touches(condition, personal);
  }

  private static Expectation.Reference reference(YamlObject yaml) {
    String dataset = yaml.text("references");
    List<String> to = yaml.texts("to").stream().map(Text::value).toList();
    return dataset == null ? null : new Expectation.Reference(dataset, to);
  }

  private static String notNull(List<String> judged) {
    return judged.stream()
        .map(column -> "`" + column + "` IS NOT NULL")
        .collect(Collectors.joining(" AND "));
  }

  private String acceptedValues(YamlObject yaml) {
    List<Text> values = yaml.texts("values", 1);
    String column = column(yaml);
    if (column == null) {
      return null;
    }
    List<String> literals = new ArrayList<>();
    for (Text value : values) {
      literal(yaml, column, value).ifPresent(literals::add);
    }
    return "`%s` IN (%s)".formatted(column, String.join(", ", literals));
  }

  private String range(YamlObject yaml) {
    String least = yaml.text("min", null);
    String most = yaml.text("max", null);
    if (!yaml.has("min") && !yaml.has("max")) {
      yaml.problem(
          yaml.line("kind"), "a range has neither 'min' nor 'max'", "Give at least one of them.");
    }
    String column = column(yaml);
    if (column == null) {
      return null;
    }
    List<String> limits = new ArrayList<>();
    limit(yaml, column, "min", least).ifPresent(l -> limits.add("`" + column + "` >= " + l));
    limit(yaml, column, "max", most).ifPresent(l -> limits.add("`" + column + "` <= " + l));
    return limits.isEmpty() ? null : String.join(" AND ", limits);
  }

  private Optional<String> limit(YamlObject yaml, String column, String key, String value) {
    return value == null
        ? Optional.empty()
        : literal(yaml, column, new Text(value, yaml.line(key)));
  }

  private String column(YamlObject yaml) {
    List<String> named = columns(yaml, 1);
    if (named.size() > 1) {
      yaml.problem(
          yaml.line("columns"), "this kind judges one column", "Write one expectation for each.");
    }
    return named.isEmpty() ? null : named.get(0);
  }

  private List<String> columns(YamlObject yaml, int least) {
    List<String> known = new ArrayList<>();
    for (Text column : yaml.texts("columns", least)) {
      if (columns.containsKey(column.value())) {
        known.add(column.value());
      } else {
        LakehouseLoader.unknownColumn(yaml, column, "columns", columns.keySet());
      }
    }
    return known;
  }

  /** A value as the column's type writes it, so that Spark compares values and not texts. */
  private Optional<String> literal(YamlObject yaml, String column, Text value) {
    TrinoType type = columns.get(column);
    if (type == null) {
      return Optional.empty();
    }
    String text = value.value();
    String name = type.text().toLowerCase(Locale.ROOT);
    if (name.startsWith("varchar")) {
      return Optional.of("'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'");
    }
    try {
      if (name.equals("date")) {
        return Optional.of("DATE '" + LocalDate.parse(text) + "'");
      }
      if (name.startsWith("timestamp")) {
        return Optional.of("TIMESTAMP '" + Instant.parse(text) + "'");
      }
      if (name.startsWith("decimal") || NUMBERS.contains(name)) {
        return Optional.of(bounded(new BigDecimal(text), name).toPlainString() + suffix(name));
      }
    } catch (DateTimeException | NumberFormatException e) {
      yaml.problem(
          value.line(),
          "'" + YamlObject.shown(text) + "' is no " + type.text(),
          "Write it as \"12.50\", \"2026-01-31\" or \"2026-01-31T12:00:00Z\".");
      return Optional.empty();
    }
    yaml.problem(
        value.line(),
        "values of type " + type.text() + " are not compared",
        "Write it as an expression, with 'kind: sql'.");
    return Optional.empty();
  }

  /**
   * No value of the type is beyond these bounds, and what is written out is no longer than them.
   *
   * @throws NumberFormatException when the number is beyond them
   */
  private static BigDecimal bounded(BigDecimal number, String type) {
    int digits = suffix(type).equals("D") ? DIGITS_OF_DOUBLES : DIGITS_OF_DECIMALS;
    if ((long) number.precision() - number.scale() > digits || number.scale() > digits) {
      throw new NumberFormatException("more than " + digits + " digits");
    }
    return number;
  }

  private static final int DIGITS_OF_DECIMALS = 38;
  private static final int DIGITS_OF_DOUBLES = 400;

  private static final List<String> NUMBERS =
      List.of("smallint", "integer", "bigint", "real", "double");

  /** Doubles are compared as doubles; decimals and integers by a decimal's exact value. */
  private static String suffix(String type) {
    return type.equals("real") || type.equals("double") ? "D" : "BD";
  }
}
