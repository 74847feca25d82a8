package dev.lakegate.gateway.query;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.sql.Parameters;
import dev.lakegate.kit.error.LakegateException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Values for a statement's question marks, as JSON brings them. Pure. */
public final class JsonParameters {
  private JsonParameters() {}

  /**
   * A parameter.
   *
   * @param type in Trino's notation; null where the value tells: text is varchar, whole numbers are
   *     bigint, others double
   * @param value scalar; null for NULL
   */
  @Schema(name = "QueryParameter")
  public record Parameter(
      @Schema(nullable = true, example = "date") String type,
      @Schema(
              nullable = true,
              description = "text, number, boolean or null",
              example = "2026-01-01")
          JsonNode value) {}

  static List<Parameters.Value> values(List<Parameter> parameters) {
    List<Parameters.Value> values = new ArrayList<>();
    if (parameters == null) {
      return values;
    }
    for (Parameter p : parameters) {
      int position = values.size() + 1;
      if (p == null) {
        throw invalid(position, "is null");
      }
      values.add(value(p, position));
    }
    return values;
  }

  private static Parameters.Value value(Parameter p, int position) {
    JsonNode v = p.value();
    boolean none = v == null || v.isNull() || v.isMissingNode();
    if (!none && !v.isValueNode()) {
      throw invalid(position, "is no scalar");
    }
    String type = p.type();
    if (type == null) {
      if (none) {
        throw invalid(position, "is NULL and has no type");
      }
      type =
          v.isTextual()
              ? "varchar"
              : v.isBoolean() ? "boolean" : v.isIntegralNumber() ? "bigint" : "double";
    }
    return new Parameters.Value(type, none ? null : v.asText());
  }

  private static LakegateException invalid(int position, String what) {
    return LakegateException.badRequest(
            "FIELD_INVALID",
            "Parameter " + position + " " + what + ".",
            "Send {\"type\": \"bigint\", \"value\": 5}; value is a text, number, boolean or null.")
        .withDetail("field", "parameters[" + (position - 1) + "]");
  }
}
