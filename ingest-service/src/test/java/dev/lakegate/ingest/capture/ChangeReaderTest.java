package dev.lakegate.ingest.capture;

import static dev.lakegate.ingest.pgoutput.PgOutputEncoder.UNCHANGED;
import static dev.lakegate.ingest.pgoutput.PgOutputEncoder.tuple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.capture.ChangeReader.Change;
import dev.lakegate.ingest.pgoutput.PgOutputMessage;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Begin;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Commit;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Delete;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Insert;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Relation;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Truncate;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Type;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Update;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeReaderTest {
  private static final int ORDERS = 1;
  private static final int OTHERS = 2;
  private static final long MICROS = 1_772_446_530_123_456L;
  private static final Route ROUTE =
      new Route(
          new TableSchema(
              new SchemaVersion(
                  "core_order",
                  1,
                  List.of("id"),
                  List.of(
                      new SourceColumn("id", "bigint", "bigint", false),
                      new SourceColumn("notes", "text", "varchar", true),
                      new SourceColumn("tenant_id", "varchar(63)", "varchar", false))),
              "tenant_id"),
          1);

  private final List<Change> changes = new ArrayList<>();
  private int lookups;
  private Long copiedFrom = 0L;
  private ChangeReader reader = reader(0x100);

  private ChangeReader reader(long position) {
    return new ChangeReader(
        1,
        position,
        new ChangeReader.Routes() {
          @Override
          public Long copiedFrom(Relation relation) {
            return relation.name().equals("core_order") ? copiedFrom : null;
          }

          @Override
          public Route route(Relation relation) {
            lookups++;
            return ROUTE;
          }
        });
  }

  private void accept(PgOutputMessage... messages) throws Exception {
    for (PgOutputMessage message : messages) {
      reader.accept(message, changes::add);
    }
  }

  private static Begin begin(long lsn) {
    return new Begin(lsn, MICROS, 7);
  }

  private static Commit commit(long lsn) {
    return new Commit((byte) 0, lsn, lsn + 0x10, MICROS);
  }

  private static Relation relation(int oid, String name) {
    return new Relation(oid, "public", name, 'd', List.of());
  }

  private void describe() throws Exception {
    accept(relation(ORDERS, "core_order"), relation(OTHERS, "others"));
  }

  @Test
  void numbersTheChangesOfATransactionAcrossTables() throws Exception {
    describe();
    accept(
        begin(0x200),
        new Type(9, "public", "mood"),
        new Insert(ORDERS, tuple(List.of("1", "a", "t1"))),
        new Insert(OTHERS, tuple(List.of("x"))),
        new Delete(ORDERS, tuple(Arrays.asList("1", null, null)), true),
        commit(0x200));
    assertThat(changes).extracting(Change::op).containsExactly('I', 'D');
    assertThat(changes)
        .extracting(Change::sequence)
        .containsExactly(
            "00011" + "0".repeat(37) + "512" + "00000000",
            "00011" + "0".repeat(37) + "512" + "00000002");
    assertThat(changes).extracting(Change::tenant).containsExactly("t1", null);
    assertThat(changes.get(0).loadDate()).isEqualTo(LocalDate.of(2026, 3, 2));
    assertThat(ChangeSequence.parse(changes.get(0).sequence()).epoch()).isEqualTo(1);
    assertThat(reader.position()).isEqualTo(0x210);
    assertThat(reader.inTransaction()).isFalse();
  }

  @Test
  void dropsWhatTheChainHolds() throws Exception {
    describe();
    accept(begin(0xff), new Insert(ORDERS, tuple(List.of("1", "a", "t1"))), commit(0xff));
    assertThat(changes).isEmpty();
    assertThat(lookups).isZero();
    accept(begin(0x100), new Insert(ORDERS, tuple(List.of("2", "a", "t1"))), commit(0x100));
    assertThat(changes).hasSize(1);
  }

  @Test
  void dropsWhatTheCopyHolds() throws Exception {
    copiedFrom = 0x300L;
    describe();
    accept(
        begin(0x2ff),
        new Update(
            ORDERS,
            tuple(Arrays.asList("1", null, null)),
            true,
            tuple(List.of("2", UNCHANGED, "t1"))),
        commit(0x2ff));
    assertThat(changes).isEmpty();
    assertThat(lookups).as("an old shape is not asked for").isZero();
    accept(begin(0x300), new Insert(ORDERS, tuple(List.of("2", "a", "t1"))), commit(0x300));
    assertThat(changes).hasSize(1);
    copiedFrom = null;
    accept(begin(0x400), new Insert(ORDERS, tuple(List.of("3", "a", "t1"))), commit(0x400));
    assertThat(changes).hasSize(2);
    reader.refresh();
    accept(begin(0x500), new Insert(ORDERS, tuple(List.of("4", "a", "t1"))), commit(0x500));
    assertThat(changes).as("let pass from now on").hasSize(2);
  }

  @Test
  void positionsCompareUnsigned() throws Exception {
    reader = reader(0xFFFFFFFF_00000000L);
    describe();
    accept(
        begin(0x7FFFFFFF_00000000L),
        new Insert(ORDERS, tuple(List.of("1", "a", "t1"))),
        commit(0x7FFFFFFF_00000000L));
    assertThat(changes).isEmpty();
    assertThat(reader.position()).isEqualTo(0xFFFFFFFF_00000000L);
  }

  @Test
  void namesValuesThatTheLogDidNotCarry() throws Exception {
    describe();
    accept(
        begin(0x200),
        new Update(ORDERS, null, false, tuple(List.of("1", UNCHANGED, "t1"))),
        commit(0x200));
    assertThat(changes.get(0).unchanged()).isEqualTo("notes");
    assertThat(changes.get(0).oldKey()).isNull();
  }

  @Test
  void takesThemFromTheOldRowWhereTheLogHasIt() throws Exception {
    describe();
    accept(
        begin(0x200),
        new Update(
            ORDERS, tuple(List.of("1", "long", "t1")), false, tuple(List.of("1", UNCHANGED, "t2"))),
        commit(0x200));
    assertThat(changes.get(0).unchanged()).isNull();
    assertThat(changes.get(0).fill().text(1)).isEqualTo("long");
    assertThat(changes.get(0).oldKey()).isNull();
    assertThat(changes.get(0).tenant()).isEqualTo("t2");
  }

  @Test
  void keepsTheOldKeyOfAChangedOne() throws Exception {
    describe();
    accept(
        begin(0x200),
        new Update(
            ORDERS,
            tuple(Arrays.asList("1", null, null)),
            true,
            tuple(List.of("2", UNCHANGED, "t1"))),
        commit(0x200));
    assertThat(changes.get(0).oldKey()).isEqualTo("{\"id\":\"1\"}");
    assertThat(changes.get(0).unchanged()).isEqualTo("notes");
  }

  @Test
  void truncationIsAChangeOfEachTable() throws Exception {
    describe();
    accept(begin(0x200), new Truncate(false, false, List.of(OTHERS, ORDERS)), commit(0x200));
    assertThat(changes).hasSize(1);
    assertThat(changes.get(0).op()).isEqualTo('T');
    assertThat(changes.get(0).row()).isNull();
    assertThat(changes.get(0).sequence()).endsWith("00000001");
  }

  @Test
  void asksAnewWhenARelationIsDescribedAnew() throws Exception {
    describe();
    accept(
        begin(0x200),
        new Insert(ORDERS, tuple(List.of("1", "a", "t1"))),
        new Insert(ORDERS, tuple(List.of("2", "a", "t1"))),
        relation(ORDERS, "core_order"),
        new Insert(ORDERS, tuple(List.of("3", "a", "t1"))),
        commit(0x200));
    assertThat(lookups).isEqualTo(2);
  }

  @Test
  void refusesMessagesThatContradictEachOther() throws Exception {
    describe();
    assertThatThrownBy(() -> accept(new Insert(ORDERS, tuple(List.of()))))
        .hasMessageContaining("outside");
    accept(begin(0x200));
    assertThatThrownBy(() -> accept(begin(0x300))).hasMessageContaining("within");
    assertThatThrownBy(() -> accept(new Insert(77, tuple(List.of()))))
        .hasMessageContaining("not described");
    assertThatThrownBy(() -> accept(new Insert(ORDERS, tuple(List.of("1")))))
        .hasMessageContaining("1 columns");
    assertThatThrownBy(() -> accept(commit(0x300))).hasMessageContaining("did not begin");
  }
}
