package dev.lakegate.model.description;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Checks a file of the description as an editor does. */
final class EditorSchemas {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();

  private EditorSchemas() {}

  static Set<ValidationMessage> problems(String file, String content) {
    return schema(LakehouseFixture.schemaOf(file)).validate(tree(file, content));
  }

  static Set<ValidationMessage> problems(String file, JsonNode tree) {
    return schema(LakehouseFixture.schemaOf(file)).validate(tree);
  }

  static JsonNode tree(String file, String content) {
    Load load = new Load(LoadSettings.builder().setAllowDuplicateKeys(true).build());
    return MAPPER.valueToTree(load.loadFromString(LakehouseFixture.yaml(file, content)));
  }

  private static JsonSchema schema(String name) {
    return SCHEMAS.computeIfAbsent(
        name,
        n -> {
          try {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(
                    Files.readString(
                        LakehouseFixture.SHIPPED.resolve("schema/" + n + ".schema.json")));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
