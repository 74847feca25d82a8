package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.JobException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** What one run shall do. Immutable. */
public final class RunRequest {
  private static final int VERSION = 1;

  /** What a run does. */
  public enum Mode {
    /** Consumes what came after the checkpoint. */
    INCREMENTAL,
    /** Builds the table anew. */
    FULL,
    /** Makes a table of its own of a kept state. */
    ASOF,
    /** Removes such a table. */
    DROP,
    /** Brings the table back to a kept state. */
    RESTORE
  }

  private final String runId;
  private final Mode mode;
  private final Path storageRoot;
  private final Specification specification;
  private final SilverPosition after;
  private final SilverPosition through;
  private final List<BronzeFile> files;
  private final String sweepBefore;
  private final List<Copy> copies;
  private final Map<String, String> inputInstants;
  private final LocalDate asOf;
  private final Instant watermark;
  private final Past past;

  private RunRequest(JsonNode node) {
    Json.requireVersion(node, VERSION, "the run request");
    this.runId = Json.text(node, "runId");
    this.mode = mode(Json.text(node, "mode"));
    this.past =
        mode == Mode.ASOF || mode == Mode.DROP || mode == Mode.RESTORE
            ? new Past(node.path("past"))
            : null;
    this.storageRoot = Paths.get(Json.text(node, "storageRoot"));
    this.specification = Specification.of(node.path("specification"));
    this.watermark = instant(node, "watermark");
    this.sweepBefore = Json.textOrNull(node, "sweepBefore");
    boolean silver = specification.kind() == Specification.Kind.SILVER;
    this.after = silver ? SilverPosition.ofNullable(node.get("after")) : null;
    this.through = silver ? SilverPosition.of(node.path("through")) : null;
    List<BronzeFile> parsedFiles = new ArrayList<>();
    if (silver) {
      for (JsonNode file : node.path("files")) {
        parsedFiles.add(new BronzeFile(file));
      }
    }
    this.files = Collections.unmodifiableList(parsedFiles);
    List<Copy> parsedCopies = new ArrayList<>();
    for (JsonNode copy : node.path("copies")) {
      parsedCopies.add(
          new Copy(
              Json.text(copy, "sequence"),
              instant(copy, "at"),
              copy.hasNonNull("manifest") ? copy.path("manifest").asLong() : null));
    }
    this.copies = Collections.unmodifiableList(parsedCopies);
    Map<String, String> instants = new LinkedHashMap<>();
    if (!silver) {
      Iterator<Map.Entry<String, JsonNode>> fields = node.path("through").fields();
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        instants.put(field.getKey(), field.getValue().isNull() ? null : field.getValue().asText());
      }
    }
    this.inputInstants = Collections.unmodifiableMap(instants);
    this.asOf = silver ? null : date(node, "asOf");
  }

  private static Mode mode(String text) {
    for (Mode mode : Mode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(text)) {
        return mode;
      }
    }
    throw JobException.permanent("MODE_UNSUPPORTED", "mode " + text + " is not known");
  }

  /** Reads and checks a request. */
  public static RunRequest of(JsonNode node) {
    return new RunRequest(node);
  }

  private static Instant instant(JsonNode node, String field) {
    String text = Json.textOrNull(node, field);
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw JobException.permanent(
          "REQUEST_INVALID", "field " + field + " must be an ISO-8601 time in UTC, not " + text);
    }
  }

  private static LocalDate date(JsonNode node, String field) {
    String text = Json.textOrNull(node, field);
    try {
      return text == null ? null : LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw JobException.permanent(
          "REQUEST_INVALID", "field " + field + " must be a date, not " + text);
    }
  }

  /** Identifier of the run. */
  public String runId() {
    return runId;
  }

  /** What to do. */
  public Mode mode() {
    return mode;
  }

  /** Whether the table is built anew instead of carried on. */
  public boolean full() {
    return mode == Mode.FULL;
  }

  /** The kept state that the run is about; null unless its mode says so. */
  public Past past() {
    return past;
  }

  /** Directory that all paths are relative to. */
  public Path storageRoot() {
    return storageRoot;
  }

  /** What to build. */
  public Specification specification() {
    return specification;
  }

  /** Silver: position that the caller believes was consumed; null for none. */
  public SilverPosition after() {
    return after;
  }

  /** Silver: position to consume up to. */
  public SilverPosition through() {
    return through;
  }

  /** Silver: exactly the files of this table in the manifests after {@link #after}. */
  public List<BronzeFile> files() {
    return files;
  }

  /**
   * Silver: change sequence of the last copy that became complete within the run; stored rows and
   * records that sort before it are not alive after the run. Null when no copy became complete.
   */
  public String sweepBefore() {
    return sweepBefore;
  }

  /** Tables of versions: copies of the source table that became complete within the run. */
  public List<Copy> copies() {
    return copies;
  }

  /** Gold: the oldest instant of each input that will do. */
  public Map<String, String> inputInstants() {
    return inputInstants;
  }

  /** Gold: the day that stands for today; null when the metric does not look at the clock. */
  public LocalDate asOf() {
    return asOf;
  }

  /** Newest source commit that the table fully reflects after this run; null when unknown. */
  public Instant watermark() {
    return watermark;
  }

  /** A kept state of the table, and what becomes of it. Immutable. */
  public static final class Past {
    private static final Pattern INSTANT = Pattern.compile("[0-9]{14,17}");
    private static final Pattern TABLE = Pattern.compile("[a-z][a-z0-9_]*__asof_[0-9]{14,17}");

    private final String instant;
    private final String table;
    private final Instant expiresAt;
    private final boolean dryRun;
    private final JsonNode facts;

    Past(JsonNode node) {
      this.instant = Json.text(node, "instant");
      this.table = Json.textOrNull(node, "table");
      this.expiresAt = RunRequest.instant(node, "expiresAt");
      this.dryRun = node.path("dryRun").asBoolean(false);
      this.facts = node.path("facts").isObject() ? node.path("facts") : null;
      if (!INSTANT.matcher(instant).matches()) {
        throw JobException.permanent("REQUEST_INVALID", instant + " is not an instant");
      }
      if (table != null && !TABLE.matcher(table).matches()) {
        throw JobException.permanent("REQUEST_INVALID", table + " is no name of an as-of table");
      }
    }

    /** Hudi instant of the state. */
    public String instant() {
      return instant;
    }

    /** Name of the table that is made of it or removed; null when the table is restored. */
    public String table() {
      return table;
    }

    /** Until when that table is meant to exist; null unless it is made. */
    public Instant expiresAt() {
      return expiresAt;
    }

    /** By what the state was read, as it is to be kept; null when nobody knows. */
    public JsonNode facts() {
      return facts;
    }

    /** Whether to say only what a restore would change. */
    public boolean dryRun() {
      return dryRun;
    }
  }

  /** A copy of the source table that became complete. Immutable. */
  public static final class Copy {
    private final String sequence;
    private final Instant at;
    private final Long manifest;

    /**
     * A copy.
     *
     * @param sequence of its rows
     * @param at when it became complete; not null
     * @param manifest that completed it; null when that is not said
     */
    public Copy(String sequence, Instant at, Long manifest) {
      if (at == null) {
        throw JobException.permanent("REQUEST_INVALID", "a copy says not when it was complete");
      }
      this.sequence = sequence;
      this.at = at;
      this.manifest = manifest;
    }

    /** Change sequence of its rows: what sorts before it, and is not among them, was gone. */
    public String sequence() {
      return sequence;
    }

    /** When it became complete. */
    public Instant at() {
      return at;
    }

    /** Number of the manifest that completed it; null when that is not said. */
    public Long manifest() {
      return manifest;
    }
  }

  /** A Bronze file to consume. Immutable. */
  public static final class BronzeFile {
    private final long manifest;
    private final String path;
    private final int schemaVersion;

    BronzeFile(JsonNode node) {
      this.manifest = node.path("manifest").asLong(-1);
      this.path = Json.text(node, "path");
      this.schemaVersion = node.path("schemaVersion").asInt(1);
      if (manifest < 1) {
        throw JobException.permanent("REQUEST_INVALID", "file " + path + " names no manifest");
      }
      if (path.startsWith("/") || path.contains("..")) {
        throw JobException.permanent(
            "REQUEST_INVALID", "file " + path + " must stay below the storage root");
      }
    }

    /** Number of the manifest that names it. */
    public long manifest() {
      return manifest;
    }

    /** Relative to the storage root. */
    public String path() {
      return path;
    }

    /** Version of the source's schema that its columns are of. */
    public int schemaVersion() {
      return schemaVersion;
    }
  }
}
