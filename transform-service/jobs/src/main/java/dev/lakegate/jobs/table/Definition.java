package dev.lakegate.jobs.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Derivation;
import dev.lakegate.jobs.protocol.Expectation;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Iterator;
import java.util.Map;

/**
 * What the stored rows of a table were made by: its key, its partitions, the columns as they are
 * stored, and how derived ones were computed. Each commit carries it. Immutable.
 */
final class Definition {
  /** Raise it when the same SQL gives other rows than before, so that all are computed anew. */
  private static final int QUERIES_VERSION = 1;

  private final ObjectNode node;

  private Definition(ObjectNode node) {
    this.node = node;
  }

  static Definition of(Specification specification) {
    ObjectNode node = Json.object();
    specification.key().forEach(node.putArray("key")::add);
    specification.partitionBy().forEach(node.putArray("partitionBy")::add);
    ObjectNode columns = node.putObject("columns");
    for (Column column : specification.storedColumns()) {
      columns.put(column.name(), ColumnType.of(column.type()).spark().catalogString());
    }
    ObjectNode derivations = node.putObject("derivations");
    for (Derivation derivation : specification.derivations()) {
      derivations.put(derivation.column(), derivation.expression());
    }
    if (specification.versions() != null) {
      node.set("history", specification.versions().json());
    }
    if (specification.kind() == Specification.Kind.GOLD) {
      node.put("query", fingerprint(QUERIES_VERSION + "\n" + specification.sql()));
      if (specification.incremental() != null) {
        node.put("keys", fingerprint(specification.incremental().text()));
      }
      if (!specification.expectations().isEmpty()) {
        // What is stored of a row says which of them it does not meet.
        StringBuilder expected = new StringBuilder();
        for (Expectation expectation : specification.expectations()) {
          expected.append(expectation.name()).append('\n');
          expected.append(expectation.expression()).append('\n');
        }
        node.put("expected", fingerprint(expected.toString()));
      }
    }
    if (!specification.blocking().isEmpty()) {
      ObjectNode blocking = node.putObject("blocking");
      for (Expectation expectation : specification.blocking()) {
        blocking.put(expectation.name(), expectation.expression());
      }
    }
    return new Definition(node);
  }

  private static String fingerprint(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      StringBuilder hex = new StringBuilder();
      for (int i = 0; i < 16; i++) {
        hex.append(String.format("%02x", digest[i]));
      }
      return hex.toString();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Why rows that no change of the inputs touches may not be right as they are, as a sentence: they
   * were computed by another query, or another rule has told which rows a change touches. Null when
   * they are right.
   *
   * @param text the other definition; null when the commit carries none
   */
  String otherQuery(String text) {
    JsonNode stored = text == null ? Json.object() : Json.parse(text);
    if (!stored.path("query").equals(node.path("query"))) {
      return "Its query has changed.";
    }
    if (!stored.path("expected").equals(node.path("expected"))) {
      return "What is expected of its rows has changed.";
    }
    return stored.path("keys").equals(node.path("keys"))
        ? null
        : "How changed rows lead to its keys has changed.";
  }

  /** As a commit carries it. */
  String text() {
    return Json.write(node);
  }

  /**
   * Why rows that were stored by another definition cannot stay beside rows of this one: anything
   * but columns added that older rows may have NULL in. Null when they can.
   *
   * @param text the other definition; null when the commit carries none
   * @param specification the specification of this one
   */
  String conflict(String text, Specification specification) {
    if (text == null) {
      return null;
    }
    JsonNode stored = Json.parse(text);
    for (String part : new String[] {"key", "partitionBy"}) {
      if (!stored.path(part).equals(node.path(part))) {
        return part + " was " + stored.path(part) + " and is " + node.path(part);
      }
    }
    Iterator<Map.Entry<String, JsonNode>> columns = stored.path("columns").fields();
    while (columns.hasNext()) {
      Map.Entry<String, JsonNode> column = columns.next();
      JsonNode type = node.path("columns").path(column.getKey());
      if (type.isMissingNode()) {
        return "column " + column.getKey() + " is gone";
      }
      if (!type.equals(column.getValue())) {
        return "column "
            + column.getKey()
            + " was stored as "
            + column.getValue().asText()
            + " and is "
            + type.asText();
      }
    }
    for (Column column : specification.storedColumns()) {
      if (!stored.path("columns").has(column.name()) && !column.nullable()) {
        return "column " + column.name() + " is new and must not be NULL";
      }
    }
    if (!stored.path("derivations").equals(node.path("derivations"))) {
      return "derivations changed";
    }
    if (!stored.path("blocking").equals(node.path("blocking"))) {
      return "what keeps rows in quarantine changed";
    }
    if (!stored.path("history").equals(node.path("history"))) {
      return "its versions were made otherwise";
    }
    return null;
  }

  /** Number of partition columns of a definition; 0 when the commit carries none. */
  static int partitions(String text) {
    return text == null ? 0 : Json.parse(text).path("partitionBy").size();
  }
}
