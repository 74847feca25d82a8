package dev.lakegate.kit.aws.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;

/**
 * AWS's own description of one of its services, as botocore ships it beside moto: what a request
 * must have, and which values its members take. The SDK for Java checks none of that. Immutable.
 */
final class ServiceModel {
  private static final Map<String, String> FOLDERS =
      Map.of("databasemigration", "dms", "cloudwatchlogs", "logs");
  private static final Map<String, Optional<ServiceModel>> KNOWN = new ConcurrentHashMap<>();
  private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

  private final JsonNode operations;
  private final JsonNode shapes;

  private ServiceModel(JsonNode document) {
    operations = document.path("operations");
    shapes = document.path("shapes");
  }

  /**
   * The newest model of a service; empty where botocore is not installed.
   *
   * @param service the SDK's name in lower case without spaces
   */
  static Optional<ServiceModel> of(String service) {
    return KNOWN.computeIfAbsent(service, ServiceModel::load);
  }

  private static Optional<ServiceModel> load(String service) {
    return Moto.botocoreData()
        .map(
            data -> {
              Path folder = data.resolve(FOLDERS.getOrDefault(service, service));
              try (Stream<Path> versions = Files.list(folder)) {
                Path newest = versions.max(Comparator.naturalOrder()).orElseThrow();
                Path packed = newest.resolve("service-2.json.gz");
                try (InputStream in =
                    Files.exists(packed)
                        ? new GZIPInputStream(Files.newInputStream(packed))
                        : Files.newInputStream(newest.resolve("service-2.json"))) {
                  return new ServiceModel(new ObjectMapper().readTree(in));
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /** What is wrong with a request; null when nothing is. */
  String problem(String operation, Object request) {
    JsonNode described = operations.path(operation);
    if (described.isMissingNode()) {
      return "there is no operation " + operation;
    }
    return problem(described.path("input").path("shape").asText(), request, operation);
  }

  private String problem(String name, Object value, String at) {
    JsonNode shape = shapes.path(name);
    if (value instanceof SdkPojo pojo) {
      return structure(shape, pojo, at);
    }
    if (value instanceof Collection<?> items) {
      int n = 0;
      for (Object item : items) {
        String below =
            problem(shape.path("member").path("shape").asText(), item, at + "[" + n++ + "]");
        if (below != null) {
          return below;
        }
      }
      return size(shape, items.size(), at);
    }
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String below =
            problem(shape.path("value").path("shape").asText(), entry.getValue(), at + ".value");
        below =
            below != null
                ? below
                : problem(shape.path("key").path("shape").asText(), entry.getKey(), at + ".key");
        if (below != null) {
          return below;
        }
      }
      return size(shape, map.size(), at);
    }
    return value instanceof String text ? text(shape, text, at) : null;
  }

  private String structure(JsonNode shape, SdkPojo pojo, String at) {
    for (JsonNode required : shape.path("required")) {
      boolean set =
          pojo.sdkFields().stream()
              .anyMatch(f -> f.memberName().equals(required.asText()) && value(f, pojo) != null);
      if (!set) {
        return at + " lacks the required " + required.asText();
      }
    }
    for (SdkField<?> field : pojo.sdkFields()) {
      Object member = value(field, pojo);
      if (member != null) {
        String below =
            problem(
                shape.path("members").path(field.memberName()).path("shape").asText(),
                member,
                at + "." + field.memberName());
        if (below != null) {
          return below;
        }
      }
    }
    return null;
  }

  // A list or map that nobody set is an empty one of a kind of its own, and is not sent.
  private static Object value(SdkField<?> field, SdkPojo pojo) {
    Object value = field.getValueOrDefault(pojo);
    return value instanceof SdkAutoConstructList<?> || value instanceof SdkAutoConstructMap<?, ?>
        ? null
        : value;
  }

  private static String text(JsonNode shape, String text, String at) {
    if (shape.has("enum")
        && StreamSupport.stream(shape.path("enum").spliterator(), false)
            .noneMatch(allowed -> allowed.asText().equals(text))) {
      return at + " is not one of " + shape.path("enum") + ": " + text;
    }
    if (shape.has("pattern") && !pattern(shape.path("pattern").asText()).matcher(text).matches()) {
      return at + " does not match " + shape.path("pattern").asText() + ": " + text;
    }
    return size(shape, text.length(), at);
  }

  private static Pattern pattern(String text) {
    return PATTERNS.computeIfAbsent(
        text,
        t -> {
          try {
            return Pattern.compile(t, Pattern.DOTALL);
          } catch (PatternSyntaxException e) {
            // A few are written for another dialect.
            return Pattern.compile(".*", Pattern.DOTALL);
          }
        });
  }

  private static String size(JsonNode shape, int size, String at) {
    return size < shape.path("min").asLong(0) || size > shape.path("max").asLong(Long.MAX_VALUE)
        ? at + " has size " + size + ", which is outside of " + shape
        : null;
  }
}
