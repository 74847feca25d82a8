package dev.lakegate.model.description;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Whatever a description has become, the loader answers with itself or with problems. */
class LoaderMutationTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String[] SNIPPETS = {
    "",
    " ",
    "\n",
    "\t",
    "---\n",
    "...",
    "&a ",
    "*a",
    "!!str ",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "#",
    "\"",
    "'",
    "|\n",
    ">\n",
    "\u0000",
    "\u2028",
    "\uFEFF",
    "\uD800",
    "%YAML 1.3\n",
    "? ",
    "<<: ",
    "null",
    "~",
    "true",
    "0x1F",
    "1e999",
    "[[[[[[[[[[[[[[[[[[[[",
    "version: 1\n",
    "silver.event",
    "${",
    "${as_of_date}",
    "/*",
    "--",
    ";",
    "\\"
  };

  private final Map<String, String> shipped = LakehouseFixture.shipped();
  private Path directory;

  @BeforeProperty
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory("mutations");
    LakehouseFixture.write(directory, shipped);
  }

  @AfterProperty
  void removeDirectory() throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Property(tries = 300)
  void shouldThrowNothingButItsOwnException(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    String file = anyFile(random);
    StringBuilder text = new StringBuilder(shipped.get(file));
    for (int i = 0, times = 1 + random.nextInt(4); i < times; i++) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(30));
      switch (random.nextInt(4)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, SNIPPETS[random.nextInt(SNIPPETS.length)]);
        case 2 -> text.replace(at, end, SNIPPETS[random.nextInt(SNIPPETS.length)]);
        default -> text.insert(at, text.substring(at, end));
      }
    }
    assertLoadsOrReports(file, text.toString());
  }

  /** JSON is YAML: mutated as a tree, a file stays well formed and gets further into the loader. */
  @Property(tries = 300)
  void whatTheEditorRefusesTheLoaderShouldRefuse(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    String file = anyFile(random);
    String original = shipped.get(file);
    JsonNode tree = EditorSchemas.tree(file, original);
    for (int i = 0, times = 1 + random.nextInt(2); i < times; i++) {
      mutate(tree, random);
    }
    String json = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
    String text =
        file.endsWith(".yaml")
            ? json
            : "---\n" + json + original.substring(original.indexOf("\n---\n", 3));
    boolean loaded = assertLoadsOrReports(file, text);
    if (loaded) {
      assertThat(EditorSchemas.problems(file, tree)).as(text).isEmpty();
    }
  }

  private boolean assertLoadsOrReports(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.write(path, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    try {
      assertThat(LakehouseLoader.load(directory).tables()).hasSize(8);
      return true;
    } catch (LakehouseException e) {
      assertThat(e.problems()).isNotEmpty().isSorted();
      for (Problem problem : e.problems()) {
        assertThat(problem.message()).isNotBlank();
        assertThat(problem.remedy()).isNotBlank();
        assertThat(problem.line())
            .isBetween(0, (int) text.chars().filter(c -> c == '\n').count() + 400);
      }
      return false;
    } finally {
      Files.writeString(path, shipped.get(file));
    }
  }

  private String anyFile(Random random) {
    List<String> files = new ArrayList<>(shipped.keySet());
    return files.get(random.nextInt(files.size()));
  }

  private static void mutate(JsonNode root, Random random) {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    JsonNode container = containers.get(random.nextInt(containers.size()));
    if (container instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      if (names.isEmpty() || random.nextInt(8) == 0) {
        object.set("surprise", value(random));
        return;
      }
      Collections.shuffle(names, random);
      if (random.nextInt(3) == 0) {
        object.remove(names.get(0));
      } else {
        object.set(names.get(0), value(random));
      }
    } else if (container instanceof ArrayNode array) {
      if (array.isEmpty() || random.nextInt(3) == 0) {
        array.add(value(random));
      } else if (random.nextBoolean()) {
        array.remove(random.nextInt(array.size()));
      } else {
        array.add(array.get(random.nextInt(array.size())).deepCopy());
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private static JsonNode value(Random random) {
    String[] values = {
      "null",
      "true",
      "7",
      "1.5",
      "\"\"",
      "\" \"",
      "\"tenant\"",
      "\"Tenant Id\"",
      "\"none\"",
      "\"tenant_id\"",
      "\"_op\"",
      "\"gold.dim_customer\"",
      "\"decimal( 12 , 2 )\"",
      "\"VARCHAR\"",
      "\"decimal(99,2)\"",
      "[]",
      "[\"id\"]",
      "[\"id\", \"id\"]",
      "[1]",
      "{}",
      "{\"name\": \"id\"}",
      "[[\"id\"]]",
      "\"tenant_and_month\"",
      "\"shared\"",
      "\"created_at\"",
      "\"utc_day\""
    };
    try {
      return MAPPER.readTree(values[random.nextInt(values.length)]);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
