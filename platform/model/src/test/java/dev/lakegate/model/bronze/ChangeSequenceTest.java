package dev.lakegate.model.bronze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.model.bronze.ChangeSequence.Phase;
import dev.lakegate.model.contracts.GoldenFiles;
import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeSequenceTest {
  @Test
  void shouldFormatAsTheGoldenFileHasIt() {
    String golden = GoldenFiles.tree("manifest.json").get("lastSequence").textValue();
    ChangeSequence sequence = ChangeSequence.parse(golden);
    assertThat(sequence)
        .isEqualTo(new ChangeSequence(1, Phase.STREAM, new BigInteger("23812368"), 1));
    assertThat(sequence.format()).isEqualTo(golden).hasSize(ChangeSequence.LENGTH);
    assertThat(ChangeSequence.ofStream(1, new Lsn(23812368), 1).format()).isEqualTo(golden);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0001",
        "00011000000000000000000000000000000002381236800000001 ",
        "00012000000000000000000000000000000000238123680000000a",
        "0001100000000000000000000000000000000238123680000000A",
        "000F1000000000000000000000000000000002381236800000001",
        "00011-00000000000000000000000000000000238123680000001"
      })
  void shouldRefuseAnythingElse(String text) {
    assertThatThrownBy(() -> ChangeSequence.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void textShouldSortAsSequencesCompare(
      @ForAll("sequences") ChangeSequence one, @ForAll("sequences") ChangeSequence two) {
    assertThat(Integer.signum(one.format().compareTo(two.format())))
        .isEqualTo(Integer.signum(one.compareTo(two)));
    assertThat(one.compareTo(two) == 0).isEqualTo(one.equals(two));
  }

  @Property
  void shouldReadWhatItFormats(@ForAll("sequences") ChangeSequence sequence) {
    assertThat(ChangeSequence.parse(sequence.format())).isEqualTo(sequence);
  }

  @Property
  void shortcutShouldFormatTheSame(
      @ForAll @IntRange(max = 0xFFFF) int epoch,
      @ForAll Phase phase,
      @ForAll long lsn,
      @ForAll @LongRange(max = 0xFFFF_FFFFL) long ordinal) {
    BigInteger position = new BigInteger(Long.toUnsignedString(lsn));
    assertThat(ChangeSequence.format(epoch, phase, lsn, ordinal))
        .isEqualTo(new ChangeSequence(epoch, phase, position, ordinal).format());
  }

  @Test
  void copiedRowsShouldComeBeforeStreamedOnesAndEpochsBeforeAll() {
    Lsn early = Lsn.parse("0/1");
    Lsn late = Lsn.parse("FFFFFFFF/FFFFFFFF");
    assertThat(ChangeSequence.ofCopy(1, late)).isLessThan(ChangeSequence.ofStream(1, early, 0));
    assertThat(ChangeSequence.ofStream(1, late, 0xFFFF_FFFFL))
        .isLessThan(ChangeSequence.ofCopy(2, early));
  }

  @Property
  void lsnShouldReadWhatItPrintsAndCompareUnsigned(@ForAll long one, @ForAll long two) {
    assertThat(Lsn.parse(new Lsn(one).toString())).isEqualTo(new Lsn(one));
    assertThat(Integer.signum(new Lsn(one).compareTo(new Lsn(two))))
        .isEqualTo(Integer.signum(Long.compareUnsigned(one, two)));
  }

  @Test
  void lsnShouldUsePostgresNotation() {
    assertThat(Lsn.parse("0/16B5940").value()).isEqualTo(23_812_416L);
    assertThat(Lsn.parse("0/16b5940").toString()).isEqualTo("0/16B5940");
    assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF")).isGreaterThan(Lsn.parse("7FFFFFFF/0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "0/", "/0", "0/123456789", "0/16B5940 ", "-1/0", "g/0"})
  void lsnShouldRefuseAnythingElse(String text) {
    assertThatThrownBy(() -> Lsn.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Provide
  Arbitrary<ChangeSequence> sequences() {
    // Few distinct values, so that later components often decide.
    return Combinators.combine(
            Arbitraries.of(0, 1, 9, 10, 255, 0xFFFF),
            Arbitraries.of(Phase.class),
            Arbitraries.oneOf(
                Arbitraries.of(BigInteger.ZERO, BigInteger.TEN),
                Arbitraries.bigIntegers()
                    .between(BigInteger.ZERO, BigInteger.TEN.pow(40).subtract(BigInteger.ONE))),
            Arbitraries.of(0L, 1L, 15L, 16L, 0xFFFF_FFFFL))
        .as(ChangeSequence::new);
  }
}
