package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.capture.CaptureMark.Gap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureMarkTest {
  @TempDir Path root;

  @BeforeEach
  void bronze() throws IOException {
    Files.createDirectories(root.resolve("bronze"));
  }

  @Test
  void shouldReadWhatItWrote() throws IOException {
    CaptureMark mark =
        CaptureMark.at(
            "0002", "0/300", 1, Map.of("a", new Gap(2, "x", true), "b", new Gap(1, "y")));
    mark.write(root);
    assertThat(CaptureMark.read(root)).contains(mark);
  }

  /** Written by a capture that did not say which tables catch up. */
  @Test
  void shouldTellTablesThatCatchUpInAnEarlierFile() throws IOException {
    Files.writeString(
        root.resolve("bronze/_acknowledged.json"),
        "{\"version\":2,\"epoch\":\"0002\",\"opening\":false,\"position\":\"0/300\",\"timeline\":1,"
            + "\"gaps\":{\"a\":{\"generation\":2,\"reason\":\""
            + CaptureProgress.NOT_CAUGHT_UP
            + "\"},\"b\":{\"generation\":1,\"reason\":\"y\"}}}");
    assertThat(CaptureMark.read(root).orElseThrow().gaps())
        .containsEntry("a", new Gap(2, CaptureProgress.NOT_CAUGHT_UP, true))
        .containsEntry("b", new Gap(1, "y"));
  }
}
