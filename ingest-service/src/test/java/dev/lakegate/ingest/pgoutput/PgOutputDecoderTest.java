package dev.lakegate.ingest.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.ingest.pgoutput.PgOutputMessage.Begin;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Commit;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Delete;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Insert;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.LogicalMessage;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Origin;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Relation;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Truncate;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Type;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Update;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PgOutputDecoderTest {

  @Property(tries = 2000)
  void readsWhatWasWritten(@ForAll("messages") PgOutputMessage message) {
    assertThat(decode(PgOutputEncoder.encode(message))).isEqualTo(message);
  }

  @Property(tries = 500)
  void refusesEveryMessageThatIsCutShortOrTooLong(@ForAll("messages") PgOutputMessage message) {
    byte[] bytes = PgOutputEncoder.encode(message);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> decode(cut)).isInstanceOf(MalformedMessageException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> decode(longer)).isInstanceOf(MalformedMessageException.class);
  }

  @Property(tries = 3000)
  void anyBytesAreAMessageOrAreRefused(@ForAll byte[] bytes) {
    decodeOrRefuse(bytes);
  }

  @Property(tries = 3000)
  void aDamagedMessageIsAMessageOrIsRefused(
      @ForAll("messages") PgOutputMessage message, @ForAll int at, @ForAll byte damage) {
    byte[] bytes = PgOutputEncoder.encode(message);
    bytes[Math.floorMod(at, bytes.length)] = damage;
    decodeOrRefuse(bytes);
  }

  @Example
  void refusesLengthsThatTheMessageCannotHoldBeforeAllocating() {
    // A tuple of 65535 columns, a value of 2 GB, a truncate of two billion tables.
    assertThatThrownBy(() -> decode(hex("49000000014effff"))).hasMessageContaining("65535 columns");
    assertThatThrownBy(() -> decode(hex("49000000014e0001747fffffff")))
        .isInstanceOf(MalformedMessageException.class);
    assertThatThrownBy(() -> decode(hex("547fffffff00")))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Example
  void namesTheMessagesOfOtherProtocolVersions() {
    assertThatThrownBy(() -> decode(hex("5300000001")))
        .hasMessageContaining("'S'")
        .hasMessageContaining("protocol version 1");
  }

  /** As PostgreSQL 15 sent it, so that encoder and decoder do not merely agree with each other. */
  @Example
  void readsWhatPostgresSends() {
    assertThat(decode(hex("42000000000152fe280002fc9d45a63a5a000002e6")))
        .isEqualTo(new Begin(0x152fe28, 0x2fc9d45a63a5aL + 946_684_800_000_000L, 0x2e6));
    assertThat(
            decode(
                hex(
                    "52000040007075626c69630074006400020169640000000017ffffffff"
                        + "006e616d650000000019ffffffff")))
        .isEqualTo(
            new Relation(
                0x4000,
                "public",
                "t",
                'd',
                List.of(
                    new Relation.Column(true, "id", 23, -1),
                    new Relation.Column(false, "name", 25, -1))));
    assertThat(decode(hex("49000040004e0002740000000131740000000161")))
        .isEqualTo(new Insert(0x4000, PgOutputEncoder.tuple(List.of("1", "a"))));
  }

  private static void decodeOrRefuse(byte[] bytes) {
    try {
      PgOutputMessage message = decode(bytes);
      assertThat(message).isNotNull();
    } catch (MalformedMessageException e) {
      assertThat(e).hasMessageMatching("(?s).+");
    }
  }

  private static PgOutputMessage decode(byte[] bytes) {
    // Within a larger array, as the driver hands it out.
    ByteBuffer buffer = ByteBuffer.allocate(bytes.length + 7);
    buffer.position(5);
    buffer.put(bytes);
    buffer.flip().position(5);
    return PgOutputDecoder.decode(buffer.slice());
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @Provide
  Arbitrary<PgOutputMessage> messages() {
    Arbitrary<Integer> oid = Arbitraries.integers();
    Arbitrary<Long> lsn = Arbitraries.longs();
    Arbitrary<Long> micros = Arbitraries.longs().between(0, 4_000_000_000_000_000L);
    Arbitrary<String> name =
        Arbitraries.strings().excludeChars('\0').ofMaxLength(12).filter(this::isUnicode);
    Arbitrary<Tuple> tuple =
        Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(20).filter(this::isUnicode),
                Arbitraries.of(PgOutputEncoder.UNCHANGED).injectNull(0.5))
            .list()
            .ofMaxSize(8)
            .map(PgOutputEncoder::tuple);
    Arbitrary<Relation.Column> column =
        Combinators.combine(Arbitraries.of(true, false), name, oid, Arbitraries.integers())
            .as(Relation.Column::new);
    return Arbitraries.oneOf(
        List.of(
            Combinators.combine(lsn, micros, oid).as(Begin::new),
            Combinators.combine(Arbitraries.bytes(), lsn, lsn, micros).as(Commit::new),
            Combinators.combine(lsn, name).as(Origin::new),
            Combinators.combine(oid, name, name).as(Type::new),
            Combinators.combine(
                    oid, name, name, Arbitraries.of('d', 'n', 'f', 'i'), column.list().ofMaxSize(6))
                .as(Relation::new),
            Combinators.combine(oid, tuple).as(Insert::new),
            Combinators.combine(oid, tuple.injectNull(0.5), Arbitraries.of(true, false), tuple)
                .as(
                    (relation, old, key, row) ->
                        new Update(relation, old, old != null && key, row)),
            Combinators.combine(oid, tuple, Arbitraries.of(true, false)).as(Delete::new),
            Combinators.combine(
                    Arbitraries.of(true, false), Arbitraries.of(true, false), oid.list())
                .as(Truncate::new),
            Combinators.combine(
                    Arbitraries.of(true, false), lsn, name, Arbitraries.integers().between(0, 40))
                .as(LogicalMessage::new)));
  }

  private boolean isUnicode(String text) {
    return text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
  }
}
