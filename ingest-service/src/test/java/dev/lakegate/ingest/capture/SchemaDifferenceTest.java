package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.Effect;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaDifferenceTest {
  private static SourceColumn column(String name, String type) {
    return new SourceColumn(name, type, TableSchema.bronzeType(type), true);
  }

  private static List<SourceColumn> columns(SourceColumn... columns) {
    return List.of(columns);
  }

  private static SchemaVersion version(SourceColumn... columns) {
    return new SchemaVersion("t", 1, List.of("id"), List.of(columns));
  }

  private static final SourceColumn ID = column("id", "bigint");
  private static final SourceColumn NAME = column("name", "text");

  private static SchemaDifference between(SchemaVersion before, SourceColumn... after) {
    return SchemaDifference.between(before, List.of("id"), columns(after));
  }

  @Test
  void theFirstVersionHasNothingToExplain() {
    SchemaDifference first = between(null, ID);
    assertThat(first.effect()).isEqualTo(Effect.FIRST);
    assertThat(first.explanation()).isNull();
    assertThat(first.recopyReason(Set.of("id"), true)).isEmpty();
  }

  @Test
  void anAddedColumnIsAdditiveAndCopiedOnlyForItsValues() {
    SchemaDifference added = between(version(ID), ID, NAME);
    assertThat(added.effect()).isEqualTo(Effect.ADDITIVE);
    assertThat(added.explanation()).isEqualTo("Column name (text) was added.");
    assertThat(added.recopyReason(Set.of("id"), false)).isEmpty();
    assertThat(added.recopyReason(Set.of("name"), false).orElseThrow()).contains("name");
    assertThat(added.recopyReason(Set.of(), true).orElseThrow()).contains("rewritten");
  }

  @Test
  void aDroppedColumnIsDestructive() {
    SchemaDifference dropped = between(version(ID, NAME), ID);
    assertThat(dropped.effect()).isEqualTo(Effect.DESTRUCTIVE);
    assertThat(dropped.explanation()).isEqualTo("Column name is gone.");
    assertThat(dropped.recopyReason(Set.of("id"), false)).isEmpty();
  }

  @Test
  void aRenamedColumnIsDestructiveAndItsValuesAreCopied() {
    SchemaDifference renamed = between(version(ID, NAME), ID, column("title", "text"));
    assertThat(renamed.effect()).isEqualTo(Effect.DESTRUCTIVE);
    assertThat(renamed.explanation())
        .isEqualTo("Column name is gone; column title (text) was added.");
    assertThat(renamed.recopyReason(Set.of(), false).orElseThrow()).contains("renaming");
  }

  @Test
  void anotherKeyIsDestructive() {
    SchemaDifference key =
        SchemaDifference.between(version(ID, NAME), List.of("id", "name"), columns(ID, NAME));
    assertThat(key.effect()).isEqualTo(Effect.DESTRUCTIVE);
    assertThat(key.explanation()).isEqualTo("The key became (id, name) and was (id).");
  }

  @Test
  void anotherOrderIsAdditive() {
    assertThat(between(version(ID, NAME), NAME, ID).effect()).isEqualTo(Effect.ADDITIVE);
  }

  @Test
  void theGravestChangeCounts() {
    SchemaDifference both =
        between(
            version(ID, column("a", "integer"), column("b", "text")),
            ID,
            column("a", "bigint"),
            column("b", "integer"));
    assertThat(both.effect()).isEqualTo(Effect.DESTRUCTIVE);
    assertThat(both.explanation())
        .isEqualTo("Column a became bigint and was integer; column b became integer and was text.");
  }

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource(
      delimiter = ';',
      value = {
        "smallint; integer; WIDENING",
        "integer; bigint; WIDENING",
        "smallint; bigint; WIDENING",
        "bigint; integer; DESTRUCTIVE",
        "integer; numeric(12,0); DESTRUCTIVE",
        "real; double precision; WIDENING",
        "double precision; real; DESTRUCTIVE",
        "character varying(10); character varying(20); WIDENING",
        "character varying(10); character varying; WIDENING",
        "character varying(10); text; WIDENING",
        "character varying; text; WIDENING",
        "text; character varying; WIDENING",
        "text; character varying(10); DESTRUCTIVE",
        "character varying; character varying(10); DESTRUCTIVE",
        "character varying(20); character varying(10); DESTRUCTIVE",
        "bit varying(3); character varying(3); DESTRUCTIVE",
        "bit varying(3); text; DESTRUCTIVE",
        "character(3); text; DESTRUCTIVE",
        "numeric(12,2); numeric(14,2); WIDENING",
        "numeric(12,2); numeric(12,3); DESTRUCTIVE",
        "numeric(14,2); numeric(12,2); DESTRUCTIVE",
        "numeric(12,2); numeric(39,2); DESTRUCTIVE",
        "numeric(12,2); numeric; DESTRUCTIVE",
        "timestamp(3) with time zone; timestamp with time zone; WIDENING",
        "timestamp with time zone; timestamp without time zone; DESTRUCTIVE",
        "timestamp with time zone; timestamp(3) with time zone; DESTRUCTIVE",
        "uuid; text; DESTRUCTIVE",
        "jsonb; json; DESTRUCTIVE",
        "boolean; integer; DESTRUCTIVE",
      })
  void tellsWideningFromOthers(String from, String to, Effect effect) {
    List<SourceColumn> after = new ArrayList<>(List.of(ID, column("a", to)));
    assertThat(
            SchemaDifference.between(version(ID, column("a", from)), List.of("id"), after).effect())
        .isEqualTo(effect);
  }
}
