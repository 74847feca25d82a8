package dev.lakegate.model.job;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** How far a dataset has consumed its inputs. Immutable. */
@JsonDeserialize(using = Checkpoint.Reader.class)
public sealed interface Checkpoint {

  /**
   * Of a Silver table.
   *
   * @param epoch of the last manifest consumed, 4 hex digits
   * @param manifest number of the last manifest consumed
   */
  @JsonDeserialize
  record OfManifests(String epoch, long manifest) implements Checkpoint {
    public OfManifests {
      Objects.requireNonNull(epoch, "epoch is null");
      if (!epoch.matches("[0-9a-f]{4}") || manifest < 0) {
        throw new IllegalArgumentException("not a checkpoint: " + epoch + ", " + manifest);
      }
    }
  }

  /**
   * Of a Gold metric.
   *
   * @param instants Hudi instant by input dataset
   * @param asOf as-of date of a metric that depends on the clock; null otherwise
   */
  @JsonDeserialize
  record OfInputs(SortedMap<String, String> instants, LocalDate asOf) implements Checkpoint {
    public OfInputs {
      instants = Collections.unmodifiableSortedMap(new TreeMap<>(instants));
    }

    @JsonValue
    Map<String, Object> json() {
      Map<String, Object> json = new java.util.LinkedHashMap<>(instants);
      if (asOf != null) {
        json.put("asOf", asOf);
      }
      return json;
    }
  }

  /** Tells the two shapes apart by their keys. */
  final class Reader extends StdDeserializer<Checkpoint> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(Checkpoint.class);
    }

    @Override
    public Checkpoint deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      JsonNode node = context.readTree(parser);
      if (!node.isObject()) {
        return refuse(context, "is not an object");
      }
      if (node.has("epoch") || node.has("manifest")) {
        if (node.size() != 2
            || !node.path("epoch").isTextual()
            || !node.path("manifest").canConvertToLong()
            || !node.path("manifest").isIntegralNumber()) {
          return refuse(context, "is not {epoch, manifest}");
        }
        return new OfManifests(node.get("epoch").textValue(), node.get("manifest").longValue());
      }
      SortedMap<String, String> instants = new TreeMap<>();
      LocalDate asOf = null;
      for (Iterator<Map.Entry<String, JsonNode>> fields = node.fields(); fields.hasNext(); ) {
        Map.Entry<String, JsonNode> field = fields.next();
        if (!field.getValue().isTextual()) {
          return refuse(context, "has a value that is not a text");
        }
        String text = field.getValue().textValue();
        if (!field.getKey().equals("asOf")) {
          instants.put(field.getKey(), text);
          continue;
        }
        try {
          asOf = LocalDate.parse(text);
        } catch (DateTimeParseException e) {
          return refuse(context, "has an asOf that is not a date");
        }
      }
      return new OfInputs(instants, asOf);
    }

    private Checkpoint refuse(DeserializationContext context, String why) throws IOException {
      return context.reportInputMismatch(this, "checkpoint %s", why);
    }
  }
}
