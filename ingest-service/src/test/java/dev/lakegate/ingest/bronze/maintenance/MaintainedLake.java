package dev.lakegate.ingest.bronze.maintenance;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.Stage;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.pgoutput.PgOutputEncoder;
import dev.lakegate.ingest.testing.BronzeFold;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.ChangeSequence.Phase;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A lake of many small manifests: a table that was copied and then changed without rest, keys used
 * again, changed, moved between tenants, deleted by key alone and truncated; and a small table.
 */
final class MaintainedLake {
  static final Instant START = Instant.parse("2026-03-02T10:00:00Z");
  static final List<String> TABLES = List.of("core_order", "core_tag");
  private static final String[] TYPES = {
    "bigint", "character varying(63)", "numeric(12,2)", "timestamp with time zone", "text", "bytea"
  };
  private static final String[] NAMES = {"id", "tenant_id", "total", "at", "notes", "raw"};

  private final Path root;
  private final Path scratch;

  MaintainedLake(Path directory) {
    this.root = directory.resolve("it's a lake");
    this.scratch = directory.resolve("work");
  }

  Path root() {
    return root;
  }

  Path scratch() {
    return scratch;
  }

  static Instant createdAt(long manifest) {
    return START.plus(Duration.ofMinutes(manifest));
  }

  /** Adds manifests, one a minute, in one epoch. */
  MaintainedLake grow(int epoch, int manifests, long seed) throws Exception {
    Random random = new Random(seed);
    Map<String, Set<Integer>> keys = new HashMap<>();
    TABLES.forEach(t -> keys.put(t, new TreeSet<>()));
    try (ManifestChain chain = ManifestChain.open(root);
        BronzeWriter writer = new BronzeWriter(chain, scratch.resolve("capture"), "64MB")) {
      long first = chain.lastNumber() + 1;
      for (long number = first; number < first + manifests; number++) {
        ManifestDraft draft = chain.draft();
        long ordinal = 0;
        for (String table : TABLES) {
          int version = epoch;
          SchemaVersion schema = schema(table, version);
          boolean rare = table.equals("core_tag");
          if (number == first) {
            draft.change(schema);
            draft.begin(new CopyBegun(table, epoch, "first start"));
            continue;
          }
          if (number == first + 1) {
            draft.complete(
                new CopyCompleted(table, epoch, 0, sequence(epoch, Phase.COPY, number, 0)));
            continue;
          }
          if (rare && random.nextInt(3) > 0) {
            continue;
          }
          try (Stage stage =
              Stage.ofStream(
                  writer.newStageFile(table), new TableSchema(schema, "tenant_id"), epoch)) {
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
              change(
                  stage,
                  random,
                  keys.get(table),
                  sequence(epoch, Phase.STREAM, number, ordinal++),
                  createdAt(number));
            }
            writer.write(stage, draft);
          }
        }
        chain.append(
            draft, sequence(epoch), "1/app", 1, Lsn.format(number * 100), createdAt(number));
      }
    }
    return this;
  }

  private static void change(
      Stage stage, Random random, Set<Integer> keys, String sequence, Instant at)
      throws IOException {
    int key = random.nextInt(25);
    String old = null;
    char op = keys.add(key) ? 'I' : 'U';
    String tenant = "tenant-" + random.nextInt(3);
    String[] values = {
      Integer.toString(key),
      tenant,
      random.nextInt(100) + ".50",
      "2026-03-02 10:00:0" + random.nextInt(10) + ".123456+00",
      "note \"" + random.nextInt() + ",\n" + sequence,
      "\\x00ff" + String.format("%02x", random.nextInt(256))
    };
    int kind = random.nextInt(40);
    if (kind == 0) {
      op = 'T';
      keys.clear();
    } else if (kind < 12 && op == 'U') {
      op = 'D';
      keys.remove(key);
      // Under the default replica identity a delete carries the key alone.
      Arrays.fill(values, 1, values.length, null);
      tenant = null;
    } else if (kind < 20 && op == 'U') {
      int other = 30 + random.nextInt(10);
      if (keys.add(other)) {
        keys.remove(key);
        old = "{\"id\":\"" + key + "\"}";
        values[0] = Integer.toString(other);
      }
    }
    stage.addChange(
        op,
        sequence,
        at.getEpochSecond() * 1_000_000 + random.nextInt(1_000_000),
        LocalDate.ofInstant(at, ZoneOffset.UTC),
        op == 'T' ? null : tenant,
        null,
        old,
        op == 'T' ? null : PgOutputEncoder.tuple(Arrays.asList(values)),
        null);
  }

  private static SchemaVersion schema(String table, int version) {
    List<SourceColumn> columns = new java.util.ArrayList<>();
    for (int i = 0; i < NAMES.length; i++) {
      columns.add(new SourceColumn(NAMES[i], TYPES[i], TableSchema.bronzeType(TYPES[i]), true));
    }
    return new SchemaVersion(table, version, List.of("id"), columns);
  }

  private static String sequence(int epoch) {
    return ChangeSequence.formatEpoch(epoch);
  }

  private static String sequence(int epoch, Phase phase, long number, long ordinal) {
    return ChangeSequence.format(epoch, phase, number * 100, ordinal);
  }

  BronzeMaintenance maintenance(MaintenanceSettings settings, Instant now, MaintenanceSteps steps)
      throws IOException {
    return new BronzeMaintenance(
        root,
        scratch,
        settings,
        MaintenanceMetrics.NONE,
        steps,
        Clock.fixed(now, ZoneOffset.UTC),
        () -> false,
        work -> {});
  }

  List<Manifest> chain() {
    return new ManifestReader(root).chain(1, Integer.MAX_VALUE);
  }

  /** Rows and tenants of every table, as the manifests say. */
  Map<String, Object> fold() throws Exception {
    return fold(chain());
  }

  Map<String, Object> fold(List<Manifest> manifests) throws Exception {
    BronzeFold fold = BronzeFold.of(root, manifests);
    Map<String, Object> state = new TreeMap<>();
    for (String table : TABLES) {
      state.put(table, List.of(fold.rows(table), fold.tenants(table)));
    }
    return state;
  }

  Set<String> named() {
    return chain().stream()
        .flatMap(m -> m.files().stream())
        .map(BronzeFile::path)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Data files below bronze/, whoever names them. */
  Set<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(root.resolve("bronze"))) {
      return all.filter(f -> f.toString().endsWith(".parquet"))
          .map(f -> root.relativize(f).toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  Path write(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, "x".getBytes(StandardCharsets.UTF_8));
  }
}
