package dev.lakegate.model.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import dev.lakegate.model.job.JobSpecification.Derivation;
import dev.lakegate.model.job.JobSpecification.Kind;
import dev.lakegate.model.job.JobSpecification.SpecColumn;
import dev.lakegate.model.job.SilverShape.Change;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.types.TrinoType;
import dev.lakegate.model.types.Widening;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SilverShapeTest {
  private static final JobSpecification DESCRIBED =
      specification(
          List.of(column("id", "bigint"), column("total", "decimal(12,2)"), column("n", "integer")),
          List.of(new Derivation("is_large", "boolean", "total > 100", "Large.")));

  private static JobSpecification specification(
      List<SpecColumn> columns, List<Derivation> derivations) {
    return new JobSpecification(
        JobSpecification.VERSION,
        Kind.SILVER,
        "silver.order",
        "order",
        "tenant",
        "Orders.",
        "silver/order",
        "core_order",
        List.of("id"),
        null,
        null,
        null,
        null,
        null,
        null,
        "tenant_id",
        List.of("tenant_id"),
        columns,
        derivations,
        List.of());
  }

  private static SpecColumn column(String name, String type) {
    return new SpecColumn(name, type, false, name);
  }

  /** Columns as {@code name:type}. */
  private static SchemaVersion version(int number, String... columns) {
    List<SourceColumn> list = new ArrayList<>();
    for (String column : columns) {
      String[] parts = column.split(":");
      list.add(new SourceColumn(parts[0], "pg", parts[1], true));
    }
    return new SchemaVersion("core_order", number, List.of("id"), list);
  }

  private static List<String> columns(SilverShape shape) {
    return shape.specification().columns().stream()
        .map(
            c ->
                c.name()
                    + ":"
                    + c.type()
                    + (c.nullable() ? "?" : "")
                    + (c.undescribed() == null ? "" : "*"))
        .toList();
  }

  private static final SchemaVersion FIRST =
      version(1, "id:bigint", "total:decimal(12,2)", "n:integer");

  @Test
  void undescribedColumnsShouldFollowTheDescribedOnesInTheOrderInWhichTheSourceGotThem() {
    SilverShape shape =
        SilverShape.of(
            DESCRIBED,
            List.of(
                version(1, "z:varchar", "id:bigint", "total:decimal(12,2)", "n:integer"),
                version(2, "z:varchar", "id:bigint", "total:decimal(12,2)", "n:integer", "a:date"),
                version(3, "id:bigint", "total:decimal(12,2)", "n:integer", "a:date", "b:real")));
    assertThat(columns(shape))
        .containsExactly(
            "id:bigint", "total:decimal(12,2)", "n:integer", "z:varchar?*", "a:date?*", "b:real?*");
    assertThat(shape.leftOut()).isEmpty();
    assertThat(shape.specification().derivations()).isEqualTo(DESCRIBED.derivations());
    assertThat(SilverShape.of(DESCRIBED, List.of()).specification()).isEqualTo(DESCRIBED);
  }

  @Test
  void droppedColumnsShouldStayAndMayBeNull() {
    SilverShape shape =
        SilverShape.of(DESCRIBED, List.of(FIRST, version(2, "id:bigint", "n:integer")));
    assertThat(columns(shape)).containsExactly("id:bigint", "total:decimal(12,2)?", "n:integer");
  }

  @Test
  void typesShouldOnlyBecomeWider() {
    SilverShape shape =
        SilverShape.of(
            DESCRIBED,
            List.of(
                version(1, "id:integer", "total:decimal(10,2)", "n:integer", "x:integer"),
                version(2, "id:integer", "total:decimal(14,4)", "n:varchar", "x:varchar")));
    assertThat(columns(shape))
        .containsExactly("id:bigint", "total:decimal(14,4)", "n:integer", "x:varchar?*");
  }

  @Test
  void namesThatSilverCannotHaveShouldBeLeftOutAndNamed() {
    SilverShape shape =
        SilverShape.of(
            DESCRIBED,
            List.of(
                version(
                    1,
                    "id:bigint",
                    "total:decimal(12,2)",
                    "n:integer",
                    "Upper:varchar",
                    "_op:varchar",
                    "load_date:date",
                    "is_large:boolean",
                    "with space:varchar")));
    assertThat(columns(shape)).containsExactly("id:bigint", "total:decimal(12,2)", "n:integer");
    assertThat(shape.leftOut())
        .containsExactly("Upper", "_op", "is_large", "load_date", "with space");
  }

  private static Change.Kind change(JobSpecification made, JobSpecification wanted, String column) {
    return SilverShape.change(
            SilverShape.storedColumns(made),
            made,
            wanted,
            List.of(column == null ? FIRST : version(1, "id:bigint", column + ":varchar")))
        .map(
            change -> {
              assertThat(change.reason()).endsWith(".");
              return change.kind();
            })
        .orElse(null);
  }

  @Test
  void aColumnThatNoConsumedRowHadShouldBeAppendedAndAnyOtherChangeBeRebuilt() {
    JobSpecification made = DESCRIBED;
    List<SpecColumn> more = new ArrayList<>(made.columns());
    more.add(new SpecColumn("a", "varchar", true, "a", true));
    JobSpecification added = specification(more, made.derivations());
    assertThat(change(made, made, null)).isNull();
    assertThat(change(made, added, null)).isEqualTo(Change.Kind.APPEND);
    assertThat(change(made, added, "a")).as("was passed over").isEqualTo(Change.Kind.REBUILD);
    assertThat(change(added, made, null)).isEqualTo(Change.Kind.REBUILD);
    List<SpecColumn> wider = new ArrayList<>(made.columns());
    wider.set(2, column("n", "bigint"));
    assertThat(change(made, specification(wider, made.derivations()), null))
        .isEqualTo(Change.Kind.REBUILD);
    assertThat(
            change(
                made,
                specification(
                    made.columns(),
                    List.of(new Derivation("is_large", "boolean", "total > 9", "Large."))),
                null))
        .isEqualTo(Change.Kind.REBUILD);
    assertThat(change(made, specification(made.columns(), List.of()), null))
        .isEqualTo(Change.Kind.REBUILD);
    assertThat(
            change(
                made,
                specification(
                    List.of(made.columns().get(2), made.columns().get(0), made.columns().get(1)),
                    List.of(new Derivation("is_large", "boolean", "total > 100", "Other words."))),
                null))
        .as("order and words are nothing")
        .isNull();
  }

  @Test
  void whatIsStoredShouldCountMoreThanWhatIsRemembered() {
    assertThat(SilverShape.change(Map.of(), null, DESCRIBED, List.of(FIRST))).isEmpty();
    Map<String, String> stored = Map.of("id", "bigint", "total", "decimal(12,2)", "n", "integer");
    assertThat(SilverShape.change(stored, null, DESCRIBED, List.of(FIRST)))
        .hasValueSatisfying(c -> assertThat(c.kind()).isEqualTo(Change.Kind.REBUILD));
    assertThat(
            SilverShape.change(
                SilverShape.storedColumns(DESCRIBED), null, DESCRIBED, List.of(FIRST)))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "smallint | bigint | bigint",
        "integer | decimal(12,2) | decimal(12,2)",
        "bigint | decimal(12,2) | decimal(21,2)",
        "decimal(12,2) | decimal(10,4) | decimal(14,4)",
        "decimal(38,0) | decimal(10,4) | ",
        "real | double | double",
        "smallint | real | real",
        "integer | real | double",
        "bigint | double | ",
        "varchar(10) | varchar(20) | varchar(20)",
        "varchar(10) | varchar | varchar",
        "date | timestamp(6) | timestamp(6)",
        "timestamp(6) | timestamp(6) with time zone | ",
        "array(integer) | array(bigint) | array(bigint)",
        "integer | varchar | ",
        "boolean | integer | "
      })
  void wideningShouldLoseNothing(String a, String b, String wider) {
    TrinoType left = TrinoType.parse(a);
    TrinoType right = TrinoType.parse(b);
    assertThat(Widening.of(left, right).map(TrinoType::text).orElse(null)).isEqualTo(wider);
    assertThat(Widening.of(right, left)).isEqualTo(Widening.of(left, right));
  }

  @Test
  void whatBlocksOtherwiseShouldBuildTheTableAnew() {
    JobSpecification blocked = expecting("total > 0", true);
    assertThat(SilverShape.change(Map.of(), blocked, blocked, List.of())).isEmpty();
    assertThat(SilverShape.change(Map.of(), DESCRIBED, blocked, List.of()))
        .map(Change::kind)
        .contains(Change.Kind.REBUILD);
    assertThat(SilverShape.change(Map.of(), blocked, expecting("total > 1", true), List.of()))
        .map(Change::reason)
        .contains("What keeps rows in quarantine is judged otherwise.");
    assertThat(SilverShape.change(Map.of(), blocked, DESCRIBED, List.of())).isPresent();
    // What flags is a derivation, which is compared as such.
    assertThat(SilverShape.change(Map.of(), DESCRIBED, expecting("total > 0", false), List.of()))
        .isEmpty();
  }

  private static JobSpecification expecting(String condition, boolean blocking) {
    ObjectNode json = Json.MAPPER.valueToTree(DESCRIBED);
    json.putArray("expectations")
        .addObject()
        .put("name", "total_is_good")
        .put("expression", condition)
        .put("blocking", blocking);
    return Json.read(Json.write(json), JobSpecification.class);
  }
}
