package dev.lakegate.gateway.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.lakegate.gateway.sql.JsonPath;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What Trino's functions of JSON do where DuckDB does something else. Pure; never given NULL. */
final class JsonSemantics {
  private JsonSemantics() {}

  private static final JsonFactory JSON = new JsonFactory();

  static String jsonExtractScalar(String json, String path) {
    List<Object> steps = JsonPath.steps(path);
    try (JsonParser p = JSON.createParser(json)) {
      p.nextToken();
      for (Object step : steps) {
        if (!descend(p, step)) {
          return null;
        }
      }
      JsonToken t = p.currentToken();
      return t == null || !t.isScalarValue() || t == JsonToken.VALUE_NULL ? null : p.getText();
    } catch (IOException e) {
      return null;
    }
  }

  private static boolean descend(JsonParser p, Object step) throws IOException {
    if (step instanceof String name) {
      if (p.currentToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (p.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = p.currentName().equals(name);
        p.nextToken();
        if (found) {
          return true;
        }
        p.skipChildren();
      }
      return false;
    }
    if (p.currentToken() != JsonToken.START_ARRAY) {
      return false;
    }
    for (int i = 0; ; i++) {
      JsonToken t = p.nextToken();
      if (t == null || t == JsonToken.END_ARRAY) {
        return false;
      }
      if (i == (Integer) step) {
        return true;
      }
      p.skipChildren();
    }
  }

  static Long jsonArrayLength(String json) {
    try (JsonParser p = JSON.createParser(json)) {
      if (p.nextToken() != JsonToken.START_ARRAY) {
        return null;
      }
      long n = 0;
      while (true) {
        JsonToken t = p.nextToken();
        if (t == JsonToken.END_ARRAY) {
          return n;
        }
        if (t == null) {
          return null;
        }
        p.skipChildren();
        n++;
      }
    } catch (IOException e) {
      return null;
    }
  }

  // Reads JSON as Trino does: keys in their order, numbers with a point as double.
  private static final ObjectMapper SORTED =
      new ObjectMapper()
          .configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true)
          .configure(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, true);

  private static final String SEPARATOR = "\u001f";

  private static JsonNode tree(String json) {
    try {
      JsonNode n = SORTED.readTree(json);
      return n == null || n.isMissingNode() ? null : n;
    } catch (IOException e) {
      return null;
    }
  }

  private static JsonNode parsed(String json) {
    JsonNode n = tree(json);
    if (n == null) {
      throw TrinoError.invalidCast();
    }
    return n;
  }

  private static String text(Object value) {
    try {
      return SORTED.writeValueAsString(value);
    } catch (IOException e) {
      throw TrinoError.invalidArgument();
    }
  }

  static String parse(String json) {
    try {
      return text(SORTED.readValue(json, Object.class));
    } catch (IOException e) {
      throw TrinoError.invalidArgument();
    }
  }

  static String quote(String s) {
    return text(s);
  }

  static String ofDouble(double d) {
    return Double.isFinite(d) ? String.valueOf(d) : quote(String.valueOf(d));
  }

  static String ofReal(float f) {
    return Float.isFinite(f) ? String.valueOf(f) : quote(String.valueOf(f));
  }

  /** The text that a JSON string stands for; null for JSON's null. */
  static String unquoted(String json) {
    JsonNode n = parsed(json);
    return n.isNull() ? null : n.asText();
  }

  static Boolean toBoolean(String json) {
    JsonNode n = parsed(json);
    return switch (n.getNodeType()) {
      case NULL -> null;
      case BOOLEAN -> n.booleanValue();
      case STRING -> NumberSemantics.toBoolean(n.textValue());
      case NUMBER -> n.isIntegralNumber() ? Boolean.valueOf(n.longValue() != 0) : unknown();
      default -> throw TrinoError.invalidCast();
    };
  }

  private static <T> T unknown() {
    throw TrinoError.notSupported();
  }

  static Long toInteger(String json, int bits) {
    JsonNode n = parsed(json);
    long max = bits == 64 ? Long.MAX_VALUE : (1L << (bits - 1)) - 1;
    switch (n.getNodeType()) {
      case NULL:
        return null;
      case BOOLEAN:
        return n.booleanValue() ? 1L : 0L;
      case STRING:
        return NumberSemantics.toInteger(n.textValue(), bits);
      case NUMBER:
        if (!n.isIntegralNumber()) {
          if (Math.abs(n.doubleValue()) > 1e15) {
            return unknown();
          }
          long rounded =
              new BigDecimal(n.doubleValue()).setScale(0, RoundingMode.HALF_UP).longValue();
          if (rounded > max || rounded < -max - 1) {
            throw TrinoError.invalidCast();
          }
          return rounded;
        }
        if (!n.canConvertToLong() || n.longValue() > max || n.longValue() < -max - 1) {
          throw TrinoError.invalidCast();
        }
        return n.longValue();
      default:
        throw TrinoError.invalidCast();
    }
  }

  static Double toDouble(String json) {
    JsonNode n = parsed(json);
    return switch (n.getNodeType()) {
      case NULL -> null;
      case BOOLEAN -> n.booleanValue() ? 1.0 : 0.0;
      case STRING -> NumberSemantics.toDouble(n.textValue());
      case NUMBER -> n.doubleValue();
      default -> throw TrinoError.invalidCast();
    };
  }

  static String toDecimal(String json, int precision, int scale) {
    JsonNode n = parsed(json);
    return switch (n.getNodeType()) {
      case NULL -> null;
      case BOOLEAN -> NumberSemantics.toDecimal(n.booleanValue() ? "1" : "0", precision, scale);
      case STRING -> NumberSemantics.toDecimal(n.textValue(), precision, scale);
      case NUMBER -> NumberSemantics.toDecimal(n.asText(), precision, scale);
      default -> throw TrinoError.invalidCast();
    };
  }

  static String toVarchar(String json) {
    JsonNode n = parsed(json);
    return switch (n.getNodeType()) {
      case NULL -> null;
      case STRING -> n.textValue();
      case BOOLEAN -> n.asText();
      case NUMBER -> n.isIntegralNumber() ? n.asText() : number(n);
      default -> throw TrinoError.invalidCast();
    };
  }

  /** A number with a point, as casting a double shows it. */
  private static String number(JsonNode n) {
    return NumberSemantics.scientific(String.valueOf(n.doubleValue()));
  }

  private static String joined(Iterable<String> parts) {
    String all = String.join(SEPARATOR, parts);
    ChunkBudget.require(all.length(), 0);
    return all;
  }

  static String elements(String json) {
    JsonNode n = parsed(json);
    if (!n.isArray()) {
      throw TrinoError.invalidCast();
    }
    List<String> all = new ArrayList<>();
    n.forEach(e -> all.add(text(e)));
    return joined(all);
  }

  static String keys(String json) {
    return joined(object(json).keySet().stream().map(JsonSemantics::quote).toList());
  }

  static String values(String json) {
    return joined(object(json).values().stream().map(JsonSemantics::text).toList());
  }

  private static Map<String, JsonNode> object(String json) {
    JsonNode n = parsed(json);
    if (!n.isObject()) {
      throw TrinoError.invalidCast();
    }
    Map<String, JsonNode> all = new LinkedHashMap<>();
    n.properties().forEach(e -> all.put(e.getKey(), e.getValue()));
    return all;
  }

  /** A field of a row: by its place in an array, by its name in an object. */
  static String field(String json, int i, int count, String name) {
    JsonNode n = parsed(json);
    if (n.isArray()) {
      if (n.size() != count) {
        throw TrinoError.invalidCast();
      }
      return text(n.get(i));
    }
    if (!n.isObject()) {
      throw TrinoError.invalidCast();
    }
    JsonNode found = null;
    for (Map.Entry<String, JsonNode> e : n.properties()) {
      if (e.getKey().equalsIgnoreCase(name)) {
        if (found != null) {
          throw TrinoError.notSupported();
        }
        found = e.getValue();
      }
    }
    return found == null ? "null" : text(found);
  }

  private static JsonNode at(String json, String path) {
    JsonNode n = tree(json);
    for (Object step : JsonPath.steps(path)) {
      if (n == null) {
        return null;
      }
      n =
          step instanceof String name
              ? n.isObject() ? n.get(name) : null
              : n.isArray() ? n.get((Integer) step) : null;
    }
    return n;
  }

  static String extract(String json, String path) {
    JsonNode n = at(json, path);
    return n == null ? null : text(n);
  }

  static Long size(String json, String path) {
    JsonNode n = at(json, path);
    return n == null ? null : (long) n.size();
  }

  static String arrayGet(String json, long index) {
    JsonNode n = tree(json);
    if (n == null || !n.isArray() || index >= n.size() || index < -n.size()) {
      return null;
    }
    JsonNode e = n.get((int) (index < 0 ? n.size() + index : index));
    return e.isNull() ? null : e.isTextual() ? e.textValue() : text(e);
  }

  static Boolean arrayContains(String json, String value) {
    JsonNode n = tree(json);
    if (n == null || !n.isArray()) {
      return null;
    }
    JsonNode wanted = parsed(value);
    for (JsonNode e : n) {
      if (wanted.isIntegralNumber()
          ? e.isIntegralNumber() && e.canConvertToLong() && e.longValue() == wanted.longValue()
          : e.equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  static boolean isScalar(String json) {
    JsonNode n = tree(json);
    if (n == null) {
      throw TrinoError.invalidArgument();
    }
    return n.isValueNode();
  }

  private static List<JsonNode> standard(String json, String path) {
    JsonNode n = tree(json);
    if (n == null) {
      return null;
    }
    try {
      return JsonPathEvaluator.evaluate(PATHS.get(path), n);
    } catch (JsonPathEvaluator.Mismatch m) {
      return null;
    }
  }

  private static final Paths PATHS = new Paths();

  /** Parsed paths; they are literals of statements, so there are few at a time. */
  private static final class Paths {
    private final Map<String, io.trino.sql.jsonpath.tree.JsonPath> parsed =
        new ConcurrentHashMap<>();

    io.trino.sql.jsonpath.tree.JsonPath get(String path) {
      if (parsed.size() > 1000) {
        parsed.clear();
      }
      return parsed.computeIfAbsent(path, JsonPath::parse);
    }
  }

  static boolean exists(String json, String path) {
    List<JsonNode> found = standard(json, path);
    return found != null && !found.isEmpty();
  }

  /** Numbers of which Trino's text is not beyond doubt are not shown. */
  private static void requirePlain(JsonNode n) {
    if (n.isNumber()
        && !n.isIntegralNumber()
        && (Math.abs(n.doubleValue()) >= 1e7 || Math.abs(n.doubleValue()) < 1e-3)) {
      throw TrinoError.notSupported();
    }
    n.forEach(JsonSemantics::requirePlain);
  }

  static String query(String json, String path, String wrapper) {
    List<JsonNode> found = standard(json, path);
    if (found == null || found.isEmpty()) {
      return null;
    }
    found.forEach(JsonSemantics::requirePlain);
    boolean single = found.size() == 1;
    return switch (wrapper) {
      case "WITHOUT" -> single ? text(found.get(0)) : null;
      case "CONDITIONAL" ->
          single && found.get(0).isContainerNode() ? text(found.get(0)) : text(found);
      default -> text(found);
    };
  }

  static String value(String json, String path, String type) {
    List<JsonNode> found = standard(json, path);
    if (found == null || found.size() != 1 || found.get(0).isContainerNode()) {
      return null;
    }
    JsonNode n = found.get(0);
    boolean sure =
        n.isNull()
            || switch (type) {
              case "VARCHAR" -> true;
              case "BIGINT", "INTEGER" -> n.isIntegralNumber() || n.isTextual();
              case "DOUBLE" -> n.isNumber() || n.isTextual();
              default -> n.isBoolean();
            };
    if (!sure) {
      throw TrinoError.notSupported();
    }
    return n.isNull() ? null : text(n);
  }
}
