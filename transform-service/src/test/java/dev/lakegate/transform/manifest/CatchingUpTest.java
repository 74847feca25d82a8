package dev.lakegate.transform.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatchingUpTest {
  @TempDir Path root;

  /** As capture writes it, see docs/INTERFACES.md. */
  @Test
  void shouldTellTablesThatStillLackWhatFollowedTheirCopy() throws IOException {
    CatchingUp catchingUp = new CatchingUp(root);
    assertThat(catchingUp.tables()).isEmpty();
    Path file = Files.createDirectories(root.resolve("bronze")).resolve("_acknowledged.json");
    Files.writeString(
        file,
        "{\"version\":3,\"epoch\":\"0002\",\"gaps\":{"
            + "\"core_event\":{\"generation\":2,\"reason\":\"x\",\"catchesUp\":true},"
            + "\"core_order\":{\"generation\":1,\"reason\":\"y\",\"catchesUp\":false}}}");
    assertThat(catchingUp.tables()).containsOnly(java.util.Map.entry("core_event", 2));
    Files.writeString(file, "{");
    assertThat(catchingUp.tables()).isEmpty();
  }
}
