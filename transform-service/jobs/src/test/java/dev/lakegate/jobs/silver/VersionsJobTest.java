package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobsProcess;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.RunRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions of rows through Spark and Hudi, against the source that knows them. */
class VersionsJobTest {
  private static final JsonNode SPECIFICATION = VersionSource.specification();
  private static final String TABLE = "silver.doc_history";

  @TempDir Path directory;
  private TestLake lake;
  private final ArrayNode files = Json.object().putArray("files");
  private final List<RunRequest.Copy> copies = new ArrayList<>();

  @BeforeEach
  void makeLake() {
    lake = new TestLake(directory);
  }

  @Test
  void severalRunsEqualTheSourceAndOneRunOverEverything() {
    VersionSource source = new VersionSource(3);
    source.unseen(6);
    source.copy(false);
    ObjectNode last = null;
    for (int run = 0; run < 5; run++) {
      if (run == 3) {
        source.unseen(3);
        source.copy(true);
      }
      last = request(source);
      JsonNode result = succeeded(last);
      assertThat(result.path("rowsTotal").asLong()).isEqualTo(source.truth().size());
      assertThat(rows()).as("run %d", run).isEqualTo(source.truth());
      assertThat(hudi()).as("run %d", run).isEqualTo(source.truth());
      source.change(5);
    }
    JsonNode published = lake.current(TABLE);
    // The same again changes nothing.
    succeeded(last);
    assertThat(lake.current(TABLE)).isEqualTo(published);

    List<String> before = rows();
    ObjectNode full = last.deepCopy().put("mode", "full").put("runId", "full");
    full.set("files", files.deepCopy());
    full.putNull("after");
    copies(full, copies);
    succeeded(full);
    assertThat(lake.current(TABLE).path("instant")).isNotEqualTo(published.path("instant"));
    assertThat(rows()).isEqualTo(before);
    assertThat(hudi()).isEqualTo(before);
    // And goes on from there.
    succeeded(request(source));
    assertThat(rows()).isEqualTo(source.truth());
  }

  @Test
  void aDefinitionThatMakesOtherVersionsIsRefusedUntilTheTableIsBuiltAnew() {
    VersionSource source = new VersionSource(5);
    source.change(6);
    succeeded(request(source));
    source.change(3);
    ObjectNode other = request(source);
    ((ObjectNode) other.path("specification").path("history")).remove("began");
    assertThat(lake.run(other).at("/error/code").asText()).isEqualTo("TABLE_NEEDS_REBUILD");
    other.set("files", files.deepCopy());
    succeeded(other.put("mode", "full").put("runId", "full"));
    assertThat(rows()).hasSameSizeAs(source.truth());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create .*/tenant_id=.*[.]parquet",
        "written .*/[.]hoodie/[0-9]+[.]commit",
        "before publish"
      })
  void aRunThatDiesIsRepeated(String haltAt) throws Exception {
    VersionSource source = new VersionSource(7);
    source.unseen(6);
    source.copy(false);
    succeeded(request(source));
    List<String> before = rows();
    JsonNode published = lake.current(TABLE);
    source.change(8);
    ObjectNode request = request(source);
    Path file = directory.resolve("request.json");
    Files.writeString(file, Json.write(request));
    try (JobsProcess process =
        JobsProcess.start(directory, haltAt, "run", "--request", file.toString())) {
      assertThat(process.awaitExit()).isEqualTo(137);
    }
    // Readers see the old state, whole.
    assertThat(lake.current(TABLE)).isEqualTo(published);
    assertThat(rows()).isEqualTo(before);
    succeeded(request);
    assertThat(rows()).isEqualTo(source.truth());
    assertThat(hudi()).isEqualTo(source.truth());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRunThatDiesWithACopyIsFollowedByOneThatGoesFurther(boolean told) throws Exception {
    VersionSource source = new VersionSource(11);
    source.unseen(6);
    source.copy(false);
    succeeded(request(source));
    source.unseen(2);
    source.copy(true);
    ObjectNode first = request(source);
    Path file = directory.resolve("request.json");
    Files.writeString(file, Json.write(first));
    try (JobsProcess process =
        JobsProcess.start(directory, "before publish", "run", "--request", file.toString())) {
      assertThat(process.awaitExit()).isEqualTo(137);
    }
    // It committed; what is planned is planned by what was published.
    source.change(3);
    ObjectNode further = request(source);
    ((ArrayNode) further.path("files")).addAll((ArrayNode) first.path("files"));
    ((ArrayNode) further.path("copies")).addAll((ArrayNode) first.path("copies"));
    if (!told) {
      further.path("copies").forEach(copy -> ((ObjectNode) copy).remove("manifest"));
    }
    succeeded(further);
    assertThat(rows()).isEqualTo(source.truth());
    assertThat(hudi()).isEqualTo(source.truth());
    // Had this copy not been consumed, it would end everything.
    source.change(1);
    ObjectNode last = request(source);
    ((ArrayNode) last.path("copies"))
        .addObject()
        .put("sequence", "00f0")
        .put("at", "2026-03-02T10:15:30Z")
        .put("manifest", lake.manifest() - 1);
    succeeded(last);
    assertThat(rows()).isEqualTo(source.truth());
  }

  /** What the source logged since the last call, as the next manifest. */
  private ObjectNode request(VersionSource source) {
    lake.nextManifest();
    String records = source.drain();
    if (records != null) {
      lake.bronze("core_doc", records);
    }
    ObjectNode request = lake.silverRequest(SPECIFICATION.deepCopy());
    lake.forgetPending();
    request.path("files").forEach(files::add);
    ((ObjectNode) request.path("through")).put("epoch", source.epoch());
    List<RunRequest.Copy> completed =
        source.copies().stream()
            .map(copy -> new RunRequest.Copy(copy.sequence(), copy.at(), lake.manifest()))
            .toList();
    copies.addAll(completed);
    copies(request, completed);
    return request;
  }

  private static void copies(ObjectNode request, List<RunRequest.Copy> copies) {
    ArrayNode list = request.putArray("copies");
    copies.forEach(
        copy ->
            list.addObject()
                .put("sequence", copy.sequence())
                .put("at", copy.at().toString())
                .put("manifest", copy.manifest()));
  }

  private JsonNode succeeded(JsonNode request) {
    JsonNode result = lake.run(request);
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }

  private List<String> rows() {
    return TestLake.query(VersionSource.texts(lake.table(TABLE))).stream().sorted().toList();
  }

  private List<String> hudi() {
    return lake
        .hudi(
            "silver/doc_history",
            "concat_ws('|', id, tenant_id, coalesce(body, 'null'), status, unix_seconds(valid_from),"
                + " coalesce(string(unix_seconds(valid_to)), 'null'), version, began,"
                + " coalesce(ended, 'null'), coalesce(string(transition_allowed), 'null'))")
        .stream()
        .sorted()
        .toList();
  }
}
