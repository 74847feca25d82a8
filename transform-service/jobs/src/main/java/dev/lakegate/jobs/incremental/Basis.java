package dev.lakegate.jobs.incremental;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The snapshots that a table's stored rows were computed from, if a run can go on from there; why
 * not otherwise. Immutable.
 */
public final class Basis {
  private final Map<String, Snapshot> inputs;
  private final String whyNot;

  private Basis(Map<String, Snapshot> inputs, String whyNot) {
    this.inputs = inputs;
    this.whyNot = whyNot;
  }

  /** There is none. */
  public static Basis none(String why) {
    return new Basis(Collections.<String, Snapshot>emptyMap(), why);
  }

  /** Finds the snapshot that a dataset had at an instant; null when it is not kept. */
  public interface Kept {
    /** The snapshot; null when it is not kept. */
    Snapshot find(String dataset, String instant) throws IOException;
  }

  /**
   * Where the stored rows stand.
   *
   * @param checkpoint of the stored rows
   * @param now the inputs' snapshots that this run reads
   * @param asOf the day that this run computes as of; null when there is none
   */
  public static Basis of(JsonNode checkpoint, Map<String, Snapshot> now, LocalDate asOf, Kept kept)
      throws IOException {
    String then = Json.textOrNull(checkpoint, "asOf");
    if (!Objects.equals(then, asOf == null ? null : asOf.toString())) {
      return none("The stored rows are as of " + then + ", and this run is as of " + asOf + ".");
    }
    Map<String, Snapshot> inputs = new LinkedHashMap<>();
    for (Map.Entry<String, Snapshot> input : now.entrySet()) {
      String instant = Json.textOrNull(checkpoint, input.getKey());
      if (instant == null) {
        return none(input.getKey() + " is an input that the stored rows were not computed from.");
      }
      Snapshot old =
          instant.equals(input.getValue().instant())
              ? input.getValue()
              : kept.find(input.getKey(), instant);
      if (old == null) {
        return none(
            "The snapshot "
                + instant
                + " of "
                + input.getKey()
                + ", which the stored rows were computed from, is no longer kept.");
      }
      if (!Shape.of(old).equals(Shape.of(input.getValue()))) {
        return none("The columns of " + input.getKey() + " have changed.");
      }
      inputs.put(input.getKey(), old);
    }
    return new Basis(Collections.unmodifiableMap(inputs), null);
  }

  /** Names and types of columns, by which rows of two snapshots can be compared. */
  private static final class Shape {
    private Shape() {}

    static Map<String, String> of(Snapshot snapshot) {
      Map<String, String> types = new LinkedHashMap<>();
      snapshot.columns().forEach(column -> types.put(column.name(), column.type()));
      return types;
    }
  }

  /** Why a run must compute the whole table, as a sentence; null when it need not. */
  public String whyNot() {
    return whyNot;
  }

  /** Why the run cannot go on from there after all; null when all files are still there. */
  public String removed(Path storageRoot) {
    for (Map.Entry<String, Snapshot> input : inputs.entrySet()) {
      for (String file : input.getValue().files(storageRoot)) {
        if (!Files.exists(Paths.get(file))) {
          return "Files of "
              + input.getKey()
              + ", which the stored rows were computed from, were removed during the run.";
        }
      }
    }
    return null;
  }

  /** Each input as it was. */
  public Map<String, Snapshot> inputs() {
    return inputs;
  }
}
