package dev.lakegate.model.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.function.Consumer;

/**
 * The one JSON mapping of the contracts: ISO-8601 times in UTC with six fraction digits (so that
 * they sort as text), unknown fields, repeated fields and trailing text refused. Thread-safe.
 */
public final class Json {
  /** Shared, never reconfigured. */
  public static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(new Jdk8Module())
          .addModule(new SimpleModule().addSerializer(Instant.class, new MicrosecondInstants()))
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Writes a contract object.
   *
   * @throws IllegalArgumentException when the object has no JSON form
   */
  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON form for " + value.getClass().getName(), e);
    }
  }

  /**
   * Reads a contract object.
   *
   * @throws IllegalArgumentException with position and reason when the text is not of that type
   */
  public static <T> T read(String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not a " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Reads a contract object after checking its {@code version}, so that a document of a newer
   * version is reported as such and not as one with unknown fields.
   *
   * @param location named in errors
   * @param json the text
   * @param type to read
   * @param version the one version that this code accepts
   * @throws ContractException when the text is incomplete, damaged or of another version
   */
  public static <T> T readVersioned(String location, String json, Class<T> type, int version) {
    return readVersioned(location, json, type, version, tree -> {});
  }

  private static <T> T readVersioned(
      String location, String json, Class<T> type, int version, Consumer<ObjectNode> upgrade) {
    String kind = type.getSimpleName();
    JsonNode tree;
    try {
      tree = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new ContractException(
          location,
          "not a complete " + kind + ": " + e.getOriginalMessage(),
          "Such files are written whole or not at all; restore it from a copy.",
          e);
    }
    if (tree == null || !tree.isObject()) {
      throw new ContractException(
          location,
          "not a complete "
              + kind
              + ": "
              + (tree == null || tree.isMissingNode() ? "empty" : "not an object"),
          "Such files are written whole or not at all; restore it from a copy.",
          null);
    }
    try {
      upgrade.accept((ObjectNode) tree);
    } catch (ClassCastException e) {
      throw new ContractException(
          location,
          "not a valid " + kind + ": a part of it is no object",
          "Compare it with the schema in contracts/.",
          e);
    }
    JsonNode found = tree.get("version");
    if (found == null || !found.isInt() || found.intValue() != version) {
      throw new ContractException(
          location,
          kind
              + " of version "
              + (found == null ? "(none)" : abbreviate(found.toString()))
              + ", but only version "
              + version
              + " is understood",
          "Run the release that wrote it, or a newer one.",
          null);
    }
    // The one field that may be missing: a principal is narrowed to schemas by some tokens only.
    if (tree.get("principal") instanceof ObjectNode principal && !principal.has("schemas")) {
      principal.putNull("schemas");
    }
    try {
      return reader(type).readValue(tree);
    } catch (IOException e) {
      String reason =
          e instanceof JsonProcessingException mapping
              ? mapping.getOriginalMessage()
              : e.getMessage();
      throw new ContractException(
          location,
          "not a valid " + kind + ": " + reason,
          "Compare it with the schema in contracts/.",
          e);
    }
  }

  /**
   * Reads a contract file, see {@link #readVersioned(String, String, Class, int)}.
   *
   * @param maxBytes a larger file is refused unread
   * @throws ContractException also when the file is missing, unreadable or too large
   */
  public static <T> T readFile(Path file, Class<T> type, int version, int maxBytes) {
    return readFile(file, type, version, maxBytes, tree -> {});
  }

  /**
   * Reads a contract file that may be of an earlier version.
   *
   * @param upgrade brings a document of an earlier version to {@code version} in place, and leaves
   *     any other alone
   */
  public static <T> T readFile(
      Path file, Class<T> type, int version, int maxBytes, Consumer<ObjectNode> upgrade) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(maxBytes + 1);
    } catch (NoSuchFileException e) {
      throw new ContractException(
          file.toString(), "no such file", "Check the storage root and what wrote to it.", e);
    } catch (IOException e) {
      throw new ContractException(
          file.toString(), "cannot be read: " + e.getMessage(), "Check the file's rights.", e);
    }
    if (bytes.length > maxBytes) {
      throw new ContractException(
          file.toString(),
          "larger than " + maxBytes + " bytes",
          "No " + type.getSimpleName() + " is as large; restore the file from a copy.",
          null);
    }
    return readVersioned(
        file.toString(), new String(bytes, StandardCharsets.UTF_8), type, version, upgrade);
  }

  // A missing number would be read as 0. Types that write their nulls have every field; the others
  // have optional ones.
  private static ObjectReader reader(Class<?> type) {
    JsonInclude include = type.getAnnotation(JsonInclude.class);
    boolean optional = include != null && include.value() == JsonInclude.Include.NON_NULL;
    return optional
        ? MAPPER.readerFor(type)
        : MAPPER.readerFor(type).with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);
  }

  private static String abbreviate(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  private static final class MicrosecondInstants extends StdSerializer<Instant> {
    private static final long serialVersionUID = 1L;
    private static final DateTimeFormatter FORMAT =
        new DateTimeFormatterBuilder().appendInstant(6).toFormatter();

    MicrosecondInstants() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(FORMAT.format(value));
    }
  }
}
