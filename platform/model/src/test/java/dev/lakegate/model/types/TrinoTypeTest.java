package dev.lakegate.model.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrinoTypeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BOOLEAN | boolean",
        " bigint  | bigint",
        "Decimal( 12 , 2 ) | decimal(12,2)",
        "VARCHAR | varchar",
        "varchar (10) | varchar(10)",
        "TIMESTAMP ( 6 )  WITH  TIME   ZONE | timestamp(6) with time zone",
        "timestamp(6)with time zone | timestamp(6) with time zone",
        "timestamp(6) | timestamp(6)",
        "time(6) | time(6)",
        "Array ( array(decimal(3,1)) ) | array(array(decimal(3,1)))",
        "array(timestamp(6) with time zone) | array(timestamp(6) with time zone)",
      })
  void shouldReadWithoutRegardToCaseAndSpaces(String text, String canonical) {
    assertThat(TrinoType.parse(text).text()).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text",
        "int",
        "decimal",
        "decimal(39,0)",
        "decimal(3,4)",
        "decimal(0,0)",
        "varchar(0)",
        "varchar(-1)",
        "timestamp",
        "timestamp(3)",
        "timestamp(6) with timezone",
        "array()",
        "array(text)",
        "array(varchar",
        "big int",
        "map(varchar,varchar)"
      })
  void shouldRefuseWhatIsNoTypeOfThisSet(String text) {
    assertThatThrownBy(() -> TrinoType.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void shouldReadWhatItPrints(@ForAll("types") TrinoType type) {
    assertThat(TrinoType.parse(type.text())).isEqualTo(type);
    assertThat(TrinoType.parse(type.text().toUpperCase())).isEqualTo(type);
  }

  @Property
  void shouldThrowNothingElse(@ForAll String text) {
    try {
      TrinoType.parse(text);
    } catch (IllegalArgumentException expected) {
      assertThat(expected.getMessage()).isNotBlank();
    }
  }

  @Provide
  Arbitrary<TrinoType> types() {
    Arbitrary<TrinoType> simple = Arbitraries.of(TrinoType.Simple.values()).map(t -> t);
    Arbitrary<TrinoType> decimal =
        Arbitraries.integers()
            .between(1, 38)
            .flatMap(
                p -> Arbitraries.integers().between(0, p).map(s -> new TrinoType.Decimal(p, s)));
    Arbitrary<TrinoType> varchar =
        Arbitraries.integers().between(1, 999_999_999).injectNull(0.2).map(TrinoType.Varchar::new);
    Arbitrary<TrinoType> flat = Arbitraries.oneOf(simple, decimal, varchar);
    return Arbitraries.oneOf(
        flat,
        flat.map(TrinoType.Array::new),
        flat.map(t -> new TrinoType.Array(new TrinoType.Array(t))));
  }
}
