package dev.lakegate.jobs.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Derivation;
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
    if (specification.kind() == Specification.Kind.GOLD) {
      node.put("query", query(specification));
    }
    return new Definition(node);
  }

  /** Fingerprint of how the rows of a metric are computed from its inputs. */
  private static String query(Specification specification) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(
                  (QUERIES_VERSION + "\n" + specification.sql()).getBytes(StandardCharsets.UTF_8));
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
   * Whether rows were computed by the same query, so that those which no change of the inputs
   * touches are right as they are.
   *
   * @param text the other definition; null when the commit carries none
   */
  boolean sameQuery(String text) {
    return text != null && Json.parse(text).path("query").equals(node.path("query"));
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
    return null;
  }

  /** Number of partition columns of a definition; 0 when the commit carries none. */
  static int partitions(String text) {
    return text == null ? 0 : Json.parse(text).path("partitionBy").size();
  }
}
