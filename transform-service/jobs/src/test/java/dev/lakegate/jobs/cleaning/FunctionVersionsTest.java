package dev.lakegate.jobs.cleaning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import dev.lakegate.jobs.TestLake;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What each named function gives for its examples is bound to its version: stored values of a table
 * are computed anew when the version is another. After a change, also of a library, run this test
 * with -Dlakegate.golden.write=true: it writes what the functions give now and raises the versions
 * of those that give something else.
 */
class FunctionVersionsTest {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final Path FILE =
      Path.of(
          System.getProperty("lakegate.basedir"),
          "platform/model/src/main/resources/contracts/functions.json");

  @Test
  void whatFunctionsGiveIsBoundToTheirVersions() throws Exception {
    ObjectNode file = (ObjectNode) MAPPER.readTree(Files.readString(FILE));
    Map<String, List<String>> outputs = outputs(file.get("functions"));
    if (Boolean.getBoolean("lakegate.golden.write")) {
      for (Map.Entry<String, List<String>> function : outputs.entrySet()) {
        ObjectNode entry = (ObjectNode) file.at("/functions/" + function.getKey());
        if (entry.has("library")) {
          entry.put("library", library());
        }
        String fingerprint = fingerprint(entry, function.getValue());
        int version = entry.get("version").asInt();
        if (!fingerprint.equals(entry.at("/fingerprints/" + version).asText(fingerprint))) {
          version++;
        }
        entry.put("version", version);
        ((ObjectNode) entry.get("fingerprints")).put(String.valueOf(version), fingerprint);
        ArrayNode written = entry.putArray("outputs");
        function.getValue().forEach(written::add);
      }
      Files.writeString(FILE, MAPPER.writeValueAsString(file) + "\n");
    }
    for (Map.Entry<String, List<String>> function : outputs.entrySet()) {
      JsonNode entry =
          MAPPER.readTree(Files.readString(FILE)).at("/functions/" + function.getKey());
      if (entry.has("library")) {
        assertThat(library()).as(function.getKey()).isEqualTo(entry.get("library").asText());
      }
      List<String> recorded = new ArrayList<>();
      entry
          .get("outputs")
          .forEach(output -> recorded.add(output.isNull() ? null : output.asText()));
      assertThat(function.getValue()).as(function.getKey()).isEqualTo(recorded);
      assertThat(fingerprint(entry, recorded))
          .as("%s gives something else than in version %s", function.getKey(), entry.get("version"))
          .isEqualTo(entry.get("fingerprints").path(entry.get("version").asText()).asText());
    }
  }

  @Test
  void everyFunctionHasAVersion() throws Exception {
    TreeSet<String> versioned = new TreeSet<>();
    MAPPER
        .readTree(Files.readString(FILE))
        .get("functions")
        .fieldNames()
        .forEachRemaining(versioned::add);
    assertThat(versioned).isNotEmpty();
    for (String function : versioned) {
      assertThat(TestLake.spark().catalog().functionExists(function)).as(function).isTrue();
    }
    String source =
        Files.readString(
            Path.of(
                System.getProperty("lakegate.basedir"),
                "transform-service/jobs/src/main/java/dev/lakegate/jobs/cleaning/Functions.java"));
    assertThat(source.split("[.]register\\(", -1).length - 1).isEqualTo(versioned.size());
  }

  private static Map<String, List<String>> outputs(JsonNode functions) {
    Map<String, List<String>> outputs = new java.util.TreeMap<>();
    functions
        .fields()
        .forEachRemaining(
            function -> {
              List<String> given = new ArrayList<>();
              for (JsonNode input : function.getValue().get("inputs")) {
                given.add(
                    TestLake.spark()
                        .sql(
                            "SELECT to_json(named_struct('x', "
                                + function.getKey()
                                + "("
                                + input.asText()
                                + ")))")
                        .head()
                        .getString(0));
              }
              outputs.put(function.getKey(), given);
            });
    return outputs;
  }

  /** Another one knows other numbers, whether or not the examples show it. */
  private static String library() {
    String jar =
        PhoneNumberUtil.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.substring(jar.lastIndexOf('/') + 1);
  }

  private static String fingerprint(JsonNode entry, List<String> outputs) throws Exception {
    StringBuilder text = new StringBuilder();
    text.append(entry.path("library").asText()).append('\n');
    int i = 0;
    for (JsonNode input : entry.get("inputs")) {
      text.append(input.asText()).append('\n').append(outputs.get(i++)).append('\n');
    }
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(text.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, 16);
  }
}
