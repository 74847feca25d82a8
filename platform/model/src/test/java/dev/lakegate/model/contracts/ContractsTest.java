package dev.lakegate.model.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.RollUp;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunRequest;
import dev.lakegate.model.job.RunResult;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContractsTest {
  private static final Map<String, Class<?>> TYPES =
      Map.of(
          "manifest", Manifest.class,
          "roll-up", RollUp.class,
          "job-specification", JobSpecification.class,
          "run-request", RunRequest.class,
          "run-result", RunResult.class,
          "snapshot", Snapshot.class,
          "policy", Policy.class,
          "access-decision", AccessDecision.class,
          "audit-event", AuditEvent.class);

  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(
          SpecVersion.VersionFlag.V202012,
          builder ->
              builder.schemaLoaders(
                  loaders ->
                      loaders.schemas(
                          TYPES.keySet().stream()
                              .collect(
                                  Collectors.toMap(ContractsTest::urn, GoldenFiles::schema)))));

  static Stream<String> goldenFiles() throws IOException {
    Path folder =
        Path.of(
            System.getProperty("lakegate.basedir"),
            "platform/model/src/main/resources/contracts/golden");
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @Test
  void shouldHaveAGoldenFileForEachContract() throws IOException {
    assertThat(goldenFiles().map(ContractsTest::contract).collect(Collectors.toSet()))
        .isEqualTo(TYPES.keySet());
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void goldenShouldMeetItsSchema(String golden) {
    assertThat(problems(contract(golden), GoldenFiles.tree(golden))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void goldenShouldSurviveReadingAndWriting(String golden) throws IOException {
    Object value = Json.read(GoldenFiles.read(golden), TYPES.get(contract(golden)));
    assertThat(Json.MAPPER.readTree(Json.write(value))).isEqualTo(GoldenFiles.tree(golden));
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void schemaShouldRejectOtherVersionsUnknownFieldsAndWrongTypes(String golden) {
    String contract = contract(golden);
    ObjectNode valid = (ObjectNode) GoldenFiles.tree(golden);
    assertThat(problems(contract, valid.deepCopy().put("version", 99))).isNotEmpty();
    assertThat(problems(contract, valid.deepCopy().put("surprise", 1))).isNotEmpty();
    for (String field : fields(valid)) {
      ObjectNode wrong = valid.deepCopy();
      wrong.set(field, Json.MAPPER.createArrayNode().add(false));
      assertThat(problems(contract, wrong)).as(field + " of another type").isNotEmpty();
      // These may be absent; all others that a golden file has are required.
      if (!Set.of("after", "asOf", "watermark", "incremental", "history", "copies").contains(field)
          || contract.equals("run-result")
          || contract.equals("snapshot")) {
        ObjectNode without = valid.deepCopy();
        without.remove(field);
        assertThat(problems(contract, without)).as("without " + field).isNotEmpty();
      }
    }
  }

  @ParameterizedTest(name = "{0} {1} = {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "manifest.json | /number | 0",
        "manifest.json | /epoch | \"1\"",
        "manifest.json | /position | \"16B5940\"",
        "manifest.json | /firstSequence | \"0001\"",
        "manifest.json | /createdAt | \"2026-03-02 10:15:31\"",
        "manifest.json | /files/0/path | \"/etc/passwd\"",
        "manifest.json | /files/0/path | \"bronze/../../etc/passwd\"",
        "manifest.json | /files/0/path | \"..\"",
        "manifest.json | /files/0/rows | 0",
        "manifest.json | /files/0/kind | \"snapshot\"",
        "manifest.json | /files/0/surprise | 1",
        "manifest.json | /files/0/loadDate | null",
        "manifest.json | /schemaChanges/0/columns/0/type | \"int8\"",
        "manifest.json | /copiesCompleted/0/rows | -1",
        "manifest.json | /copiesCompleted/0/sequence | \"0001\"",
        "manifest.json | /copiesBegun/0/generation | 0",
        "manifest.json | /schemaChanges/0/effect | \"breaking\"",
        "manifest.json | /schemaChanges/0/storage | \"16402\"",
        "manifest.json | /schemaApprovals/0/approvedBy | \"\"",
        "roll-up.json | /first | 0",
        "roll-up.json | /manifests | []",
        "roll-up.json | /manifests/0/number | 0",
        "roll-up.json | /replaced/0 | \"../x\"",
        "job-specification.silver.json | /kind | \"gold\"",
        "job-specification.silver.json | /sql | \"SELECT 1\"",
        "job-specification.silver.json | /key | []",
        "job-specification.silver.json | /columns/0/type | \"text\"",
        "job-specification.silver.json | /scope | \"shared\"",
        "job-specification.silver.json | /dataset | \"bronze.core_event\"",
        "job-specification.silver.json | /derivations/0/expression | \"\"",
        "job-specification.gold.json | /clock | \"daily\"",
        "job-specification.gold.json | /inputs | []",
        "job-specification.gold.json | /incremental/by | []",
        "job-specification.gold.json | /incremental/inputs/silver.order | {}",
        "job-specification.gold.json | /inputs/0 | \"order\"",
        "job-specification.gold.json | /grain/0 | \"Tenant Id\"",
        "run-request.silver.json | /mode | \"restart\"",
        "run-request.silver.json | /through | {\"silver.order\": \"20260302101532123\"}",
        "run-request.silver.json | /after | {\"epoch\": \"0001\"}",
        "run-request.silver.json | /files/0/path | \"../x\"",
        "run-request.silver.json | /specification/key | null",
        "run-request.silver.json | /runId | \"a/b\"",
        "run-request.gold.json | /through | {\"epoch\": \"0001\", \"manifest\": 2}",
        "run-request.gold.json | /through | {\"silver.order\": 20260302101532123}",
        "run-request.silver.json | /sweepBefore | \"2\"",
        "run-request.gold.json | /sweepBefore | \"0002\"",
        "run-request.gold.json | /files | []",
        "run-request.gold.json | /asOf | \"2026-03-02T00:00:00Z\"",
        "run-result.json | /status | \"failed\"",
        "run-result.json | /rowsRead | -1",
        "run-result.json | /instant | \"now\"",
        "run-result.json | /checkpoint | {\"manifest\": 2}",
        "run-result.gold.json | /computation/mode | \"some\"",
        "run-result.gold.json | /computation/keys | -1",
        "run-result.gold.json | /computation/reason | null",
        "run-result.failed.json | /error | null",
        "run-result.failed.json | /error/code | \"checkpoint missing\"",
        "run-result.failed.json | /error/retryable | \"no\"",
        "snapshot.json | /database | \"bronze\"",
        "snapshot.json | /scope | \"shared\"",
        "snapshot.json | /tenantColumn | null",
        "snapshot.json | /files/0/path | \"/data/x.parquet\"",
        "snapshot.json | /files/0/min | {\"dt\": 1}",
        "snapshot.json | /columns | []",
        "snapshot.json | /checkpoint | {\"order\": \"20260302101530001\"}",
        "policy.json | /policyVersion | 0",
        "policy.json | /personas/0/schemas/0 | \"platinum\"",
        "policy.json | /personas/0/rows | \"some\"",
        "policy.json | /personas/0/pii | \"yes\"",
        "policy.json | /tables/0/tenantColumn | null",
        "policy.json | /tables/0/scope | \"public\"",
        "policy.json | /tables/0/columns | []",
        "policy.json | /tierFilters/0/tenants | \"tenant-1\"",
        "access-decision.json | /reason | \"NO_TENANT\"",
        "access-decision.json | /rows | {\"type\": \"in\", \"column\": \"tenant_id\", \"values\": []}",
        "access-decision.json | /rows | {\"type\": \"like\", \"column\": \"tenant_id\"}",
        "access-decision.json | /rows | \"tenant_id = 'x' OR 1=1\"",
        "access-decision.json | /readableColumns | []",
        "access-decision.json | /principal/subject | \"\"",
        "access-decision.refused.json | /rows | {\"type\": \"all\"}",
        "access-decision.refused.json | /reason | \"ALLOWED\"",
        "access-decision.refused.json | /readableColumns | [\"email\"]",
        "access-decision.refused.json | /allowed | \"false\"",
        "audit-event.json | /id | \"1\"",
        "audit-event.json | /outcome | \"ok\"",
        "audit-event.json | /type | \"Query Executed\"",
        "audit-event.json | /details | {\"rows\": [1, 2]}",
        "audit-event.json | /details | {\"bad name\": \"x\"}",
        "audit-event.json | /reason | \"because\"",
      })
  void schemaShouldRejectBrokenValues(String golden, String pointer, String value)
      throws IOException {
    JsonNode broken = GoldenFiles.tree(golden);
    int cut = pointer.lastIndexOf('/');
    JsonNode parent = broken.at(pointer.substring(0, cut));
    String last = pointer.substring(cut + 1);
    JsonNode replacement = Json.MAPPER.readTree(value);
    if (parent instanceof ArrayNode array) {
      array.set(Integer.parseInt(last), replacement);
    } else {
      ((ObjectNode) parent).set(last, replacement);
    }
    assertThat(problems(contract(golden), broken)).isNotEmpty();
  }

  @Test
  void auditEventsShouldBeBounded() {
    ObjectNode event = (ObjectNode) GoldenFiles.tree("audit-event.json");
    ObjectNode long1 = event.deepCopy();
    ((ObjectNode) long1.get("details")).put("sql", "x".repeat(AuditEvent.LONGEST + 1));
    ObjectNode many = event.deepCopy();
    for (int i = 0; i <= AuditEvent.MOST_DETAILS; i++) {
      ((ObjectNode) many.get("details")).put("detail" + i, "x");
    }
    for (ObjectNode broken : List.of(long1, many)) {
      assertThat(problems("audit-event", broken)).isNotEmpty();
      assertThatThrownBy(() -> Json.read(broken.toString(), AuditEvent.class))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(AuditEvent.cut("x".repeat(AuditEvent.LONGEST + 1))).hasSize(AuditEvent.LONGEST);
    assertThat(AuditEvent.cut("\uD83D\uDE00".repeat(AuditEvent.LONGEST)).chars())
        .hasSizeLessThanOrEqualTo(AuditEvent.LONGEST)
        .doesNotContain((int) '?');
  }

  @Test
  void runRequestShouldCarryASweep() {
    ObjectNode request = (ObjectNode) GoldenFiles.tree("run-request.silver.json");
    request.put("sweepBefore", "0002");
    assertThat(problems("run-request", request)).isEmpty();
    RunRequest read = Json.read(request.toString(), RunRequest.class);
    assertThat(read.sweepBefore()).isEqualTo("0002");
    assertThat(Json.write(read)).contains("\"sweepBefore\":\"0002\"");
  }

  @Test
  void runRequestShouldBeAboutAKeptState() {
    ObjectNode request = (ObjectNode) GoldenFiles.tree("run-request.silver.json");
    request.put("mode", "asof").putArray("files");
    ObjectNode past = request.putObject("past");
    past.put("instant", "20260302101532041").put("table", "event__asof_20260302101532041");
    past.put("expiresAt", "2026-03-09T10:15:32Z");
    ObjectNode facts = past.putObject("facts");
    facts.put("table", "silver.event").put("scope", "tenant").put("tenantColumn", "tenant_id");
    facts.putArray("columns").addObject().put("name", "ip").put("pii", true);
    assertThat(problems("run-request", request)).isEmpty();
    RunRequest read = Json.read(request.toString(), RunRequest.class);
    assertThat(read.past().table()).isEqualTo("event__asof_20260302101532041");
    assertThat(read.past().facts().columns().get(0).pii()).isTrue();
    assertThat(problems("run-request", Json.MAPPER.valueToTree(read))).isEmpty();
    past.put("table", "../event");
    assertThat(problems("run-request", request)).isNotEmpty();
    request.remove("past");
    assertThatThrownBy(() -> Json.read(request.toString(), RunRequest.class))
        .hasMessageContaining("kept state");
  }

  /** A missing number must not be read as 0, nor a missing list as none. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "manifest.json",
        "roll-up.json",
        "snapshot.json",
        "policy.json",
        "run-result.json",
        "run-result.failed.json",
        "access-decision.json",
        "audit-event.json"
      })
  void readingShouldMissAnyFieldThatIsMissing(String golden) {
    Class<?> type = TYPES.get(contract(golden));
    JsonNode whole = GoldenFiles.tree(golden);
    int version = whole.get("version").intValue();
    assertThat(Json.readVersioned("whole", whole.toString(), type, version)).isNotNull();
    List<String> pointers = new ArrayList<>();
    collectFields("", whole, pointers);
    assertThat(pointers).hasSizeGreaterThan(4);
    for (String pointer : pointers) {
      JsonNode broken = whole.deepCopy();
      int cut = pointer.lastIndexOf('/');
      ((ObjectNode) broken.at(pointer.substring(0, cut))).remove(pointer.substring(cut + 1));
      assertThatThrownBy(() -> Json.readVersioned("broken", broken.toString(), type, version))
          .as("without " + pointer)
          .isInstanceOf(ContractException.class)
          .hasMessageStartingWith("broken: ");
    }
  }

  private static void collectFields(String at, JsonNode node, List<String> pointers) {
    if (node instanceof ObjectNode object) {
      for (String name : fields(object)) {
        pointers.add(at + "/" + name);
        // These are maps: their keys are data.
        if (!Set.of("partition", "min", "max", "details", "checkpoint").contains(name)) {
          collectFields(at + "/" + name, object.get(name), pointers);
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        collectFields(at + "/" + i, array.get(i), pointers);
      }
    }
  }

  @Test
  void shouldNameTheVersionThatItDoesNotUnderstand() {
    ObjectNode newer = ((ObjectNode) GoldenFiles.tree("manifest.json")).put("version", 3);
    newer.put("somethingNew", true);
    assertThatThrownBy(
            () -> Json.readVersioned("m.json", newer.toString(), Manifest.class, Manifest.VERSION))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("m.json: Manifest of version 3, but only version 2 is understood");
  }

  private static Set<?> problems(String contract, JsonNode value) {
    JsonSchema schema = SCHEMAS.getSchema(SchemaLocation.of(urn(contract)));
    return schema.validate(value);
  }

  private static String urn(String contract) {
    return "urn:lakegate:contract:"
        + contract
        + (contract.equals("manifest") ? ":" + Manifest.VERSION : ":1");
  }

  private static String contract(String golden) {
    return golden.substring(0, golden.indexOf('.'));
  }

  private static List<String> fields(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
