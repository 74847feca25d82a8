package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.sql.SqlFailure;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What DuckDB says quotes values and paths: none of it is in what becomes of it. */
class DuckErrorsTest {
  private static final String SECRET = "xsecretx";

  private static void requireSilent(String what, RuntimeException translated) {
    // The cause is for the log; what a client gets is made of the others.
    String told = translated.getMessage();
    if (translated instanceof SqlFailure f) {
      told = f.code() + " " + f.getMessage() + " " + f.details();
    } else {
      assertThat(translated)
          .as(what)
          .isInstanceOfAny(VanishedFileException.class, MissingColumnException.class);
      return;
    }
    assertThat(told)
        .as(what)
        .doesNotContainIgnoringCase(SECRET)
        .doesNotContain("Error:", "Error ", "LINE ", ".parquet", "/", "DuckDB");
  }

  @Test
  void shouldRepeatNothingOfAnyKindOfError() {
    for (String kind :
        List.of(
            "FATAL Error: ",
            "INTERNAL Error: ",
            "Out of Memory Error: ",
            "INTERRUPT Error: ",
            "IO Error: ",
            "IO Error: No such file ",
            "Binder Error: ",
            "Binder Error: Referenced column \"x\" not found ",
            "Invalid Input Error: cannot be found in enum ",
            "Conversion Error: Could not convert string ",
            "Out of Range Error: ",
            "Invalid Input Error: More than one row returned by a subquery ",
            "Constraint Error: ",
            "HTTP Error: ",
            "Permission Error: ",
            "")) {
      requireSilent(
          kind,
          DuckErrors.translate(new SQLException(kind + SECRET + " /data/" + SECRET + ".parquet")));
    }
    // Nor of a text that looks like one of our own marks.
    requireSilent(
        "a mark",
        DuckErrors.translate(
            new SQLException("Invalid Input Error: " + TrinoError.MARK + SECRET + " and more")));
  }
}
