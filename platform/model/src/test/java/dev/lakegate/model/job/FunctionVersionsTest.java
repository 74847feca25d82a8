package dev.lakegate.model.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FunctionVersionsTest {
  @Test
  void namesTheVersionsOfTheFunctionsThatAreCalled() {
    FunctionVersions versions = new FunctionVersions(Map.of("phone_e164", 3, "json_text", 1));
    assertThat(versions.mark("PHONE_E164 (phone, 'US')"))
        .isEqualTo("PHONE_E164 (phone, 'US')\n/* phone_e164 3 */");
    assertThat(versions.mark("json_text(x, 'a')")).isEqualTo("json_text(x, 'a')");
    assertThat(versions.mark("coalesce(phone_e164, '')")).isEqualTo("coalesce(phone_e164, '')");
  }

  /** Others' definitions stay, so only tables that call it are computed anew. */
  @Test
  void anotherVersionChangesTheSpecificationsThatCallTheFunction() {
    Lakehouse lakehouse =
        LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse"));
    List<JobSpecification> now = JobSpecificationCompiler.compile(lakehouse);
    List<JobSpecification> then =
        JobSpecificationCompiler.compile(lakehouse, new FunctionVersions(Map.of("phone_e164", 2)));
    for (int i = 0; i < now.size(); i++) {
      assertThat(then.get(i).equals(now.get(i)))
          .as(now.get(i).dataset())
          .isEqualTo(!now.get(i).dataset().equals("silver.customer"));
    }
  }
}
