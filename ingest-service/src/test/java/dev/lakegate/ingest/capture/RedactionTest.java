package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.source.SourceSettings;
import org.junit.jupiter.api.Test;

class RedactionTest {
  private static final SourceSettings SETTINGS =
      new SourceSettings("jdbc:postgresql://h/d", "u", "s3cret", "lakegate", "lakegate");

  @Test
  void hidesThePasswordWhereverItStands() {
    assertThat(
            Redaction.of(
                new RuntimeException(
                    "No driver for jdbc:postgresql://h/d?password=other&ssl=true or s3cret"),
                SETTINGS))
        .isEqualTo("No driver for jdbc:postgresql://h/d?password=***&ssl=true or ***");
    assertThat(SETTINGS.toString()).doesNotContain("s3cret");
  }

  @Test
  void namesAFailureWithoutMessage() {
    assertThat(Redaction.of(new IllegalStateException(), SETTINGS))
        .isEqualTo("IllegalStateException");
  }
}
