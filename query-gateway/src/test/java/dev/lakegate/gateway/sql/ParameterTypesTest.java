package dev.lakegate.gateway.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Types of parameters are text of the client's: the parser must not meet them unbounded. */
@Timeout(20)
class ParameterTypesTest {
  private static Parameters of(String type) {
    return Parameters.of(List.of(new Parameters.Value(type, null)));
  }

  @Test
  void shouldRefuseTypesThatTheParserWouldDrownIn() {
    for (String type :
        List.of(
            "array(".repeat(20_000) + "bigint" + ")".repeat(20_000),
            "array(".repeat(30) + "bigint" + ")".repeat(30),
            "array<".repeat(30) + "bigint" + ">".repeat(30),
            "array(row(\")))))\" ".repeat(15) + "bigint" + "))".repeat(15),
            "row(" + "a bigint, ".repeat(50_000) + "b bigint)",
            "varchar" + " ".repeat(500_000))) {
      SqlFailure f = catchThrowableOfType(SqlFailure.class, () -> of(type));
      assertThat(f).isNotNull();
      assertThat(f.code()).isEqualTo("TYPE_NOT_FOUND");
      assertThat(f.getMessage().length()).isLessThan(300);
    }
  }

  @Test
  void shouldTakeTypesThatPeopleUse() {
    for (String type :
        List.of(
            "array(".repeat(8) + "bigint" + ")".repeat(8),
            "bigint",
            "decimal(38, 2)",
            "timestamp(6) with time zone",
            "array(varchar(10))")) {
      assertThatCode(() -> of(type)).doesNotThrowAnyException();
    }
  }
}
