package dev.lakegate.jobs.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.protocol.Times;
import dev.lakegate.jobs.table.HudiTable;
import dev.lakegate.jobs.table.Upkeep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hudi.common.config.HoodieMetadataConfig;
import org.apache.hudi.common.engine.HoodieLocalEngineContext;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.common.model.FileSlice;
import org.apache.hudi.common.model.HoodieBaseFile;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieReplaceCommitMetadata;
import org.apache.hudi.common.model.HoodieWriteStat;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieActiveTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.table.view.HoodieTableFileSystemView;
import org.apache.hudi.common.util.PartitionPathEncodeUtils;

/**
 * The catalog of one table: publishes its snapshots from its timeline and reads them back. Used by
 * one thread at a time, which holds the table's lock.
 */
public final class SnapshotCatalog implements Upkeep.Snapshots {
  private static final String CURRENT = "current.json";

  private final Path storageRoot;
  private final Path directory;
  private final Specification specification;
  private final HudiTable table;
  private final Configuration conf;

  /** The catalog of a table. */
  public SnapshotCatalog(
      Path storageRoot, Specification specification, HudiTable table, Configuration conf) {
    this.storageRoot = storageRoot.toAbsolutePath().normalize();
    this.directory = directory(storageRoot, specification.database(), specification.name());
    this.specification = specification;
    this.table = table;
    this.conf = conf;
  }

  /** Where the snapshots of a table are. */
  public static Path directory(Path storageRoot, String database, String name) {
    return storageRoot.resolve("_catalog").resolve(database).resolve(name);
  }

  /** The current snapshot of any table; null when none was published. */
  public static Snapshot current(Path storageRoot, String database, String name)
      throws IOException {
    Path file = directory(storageRoot, database, name).resolve(CURRENT);
    return Files.exists(file) ? Snapshot.of(Json.read(file)) : null;
  }

  /** The snapshot that a table had at an instant; null when it is not kept. */
  public static Snapshot at(Path storageRoot, String database, String name, String instant)
      throws IOException {
    Path file = directory(storageRoot, database, name).resolve(instant + ".json");
    try {
      return Snapshot.of(Json.read(file));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** The current snapshot of this table; null when none was published. */
  public Snapshot current() throws IOException {
    return current(storageRoot, specification.database(), specification.name());
  }

  /** Path of the snapshot of an instant, relative to the storage root. */
  public String path(String instant) {
    return "_catalog/"
        + specification.database()
        + "/"
        + specification.name()
        + "/"
        + instant
        + ".json";
  }

  /**
   * Publishes the newest completed commit unless the current snapshot is already of it.
   *
   * @return the current snapshot afterwards; null when the table has no commit
   */
  public Snapshot publish(HoodieTableMetaClient client) throws IOException {
    HoodieTimeline commits =
        client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants();
    Snapshot current = current();
    if (!commits.lastInstant().isPresent()) {
      return current;
    }
    String instant = commits.lastInstant().get().getTimestamp();
    if (current != null && (current.instant().equals(instant) || HudiTable.isCleared(commits))) {
      return current;
    }
    HudiTable.Progress progress = table.progress(client);
    Map<String, JsonNode> files = files(client, commits, current);
    ObjectNode node = Json.object();
    node.put("version", Snapshot.VERSION);
    node.put("database", specification.database());
    node.put("table", specification.name());
    node.put("scope", specification.scope());
    node.put("instant", instant);
    node.put("publishedAt", Times.micros(Instant.now()));
    node.put("description", text(specification.description()));
    node.put("tenantColumn", specification.tenantColumn());
    ArrayNode columns = node.putArray("columns");
    for (Column column : specification.storedColumns()) {
      columns
          .addObject()
          .put("name", column.name())
          .put("type", column.type())
          .put("nullable", column.nullable())
          .put("description", text(column.description()));
    }
    ArrayNode partitionColumns = node.putArray("partitionColumns");
    specification.partitionBy().forEach(partitionColumns::add);
    ArrayNode list = node.putArray("files");
    files.values().forEach(list::add);
    node.set("checkpoint", progress.checkpoint());
    node.put("watermark", progress.watermark() == null ? null : Times.micros(progress.watermark()));
    node.put("definition", progress.definition());
    byte[] text = Json.write(node).getBytes(StandardCharsets.UTF_8);
    Files.createDirectories(directory);
    replace(directory.resolve(instant + ".json"), text);
    HaltPoint.reached("before publish");
    replace(directory.resolve(CURRENT), text);
    HaltPoint.reached("after publish");
    if (current != null && current.instant().compareTo(instant) > 0) {
      // The table was restored to an older commit.
      for (String later : instants()) {
        if (later.compareTo(instant) > 0) {
          Files.deleteIfExists(directory.resolve(later + ".json"));
        }
      }
    }
    return Snapshot.of(node);
  }

  private static String text(String description) {
    return description == null ? "" : description;
  }

  /** Entries by path: those of unchanged files are taken over, so cost follows the change. */
  private Map<String, JsonNode> files(
      HoodieTableMetaClient client, HoodieTimeline commits, Snapshot previous) throws IOException {
    Map<String, JsonNode> known = new TreeMap<>();
    if (previous != null) {
      for (JsonNode file : previous.json().path("files")) {
        known.put(Json.text(file, "path"), file);
      }
    }
    Map<String, String> latest =
        previous != null && canAdvance(client, commits, previous.instant())
            ? advance(commits, previous.instant(), known.keySet())
            : list(client);
    Map<String, JsonNode> result = new TreeMap<>();
    List<Column> columns = specification.storedColumns();
    List<String> added = new ArrayList<>();
    for (String path : latest.values()) {
      if (!known.containsKey(path)) {
        added.add(path);
      }
    }
    Map<String, ArrayNode> unmet = UnmetCounts.of(specification, storageRoot, added);
    for (String path : latest.values()) {
      JsonNode entry = known.get(path);
      if (entry == null) {
        entry = entry(path, columns, unmet.get(path));
      } else {
        entry = UnmetCounts.declared(specification, entry);
      }
      if (entry.path("rows").asLong() > 0) {
        result.put(path, entry);
      }
    }
    return result;
  }

  private static boolean canAdvance(
      HoodieTableMetaClient client, HoodieTimeline commits, String instant) {
    return commits.containsInstant(instant)
        && client
            .getActiveTimeline()
            .getTimelineOfActions(new HashSet<>(java.util.Arrays.asList("restore")))
            .findInstantsAfter(instant)
            .empty();
  }

  /** Latest base file per file group, from the commits since a snapshot. */
  private Map<String, String> advance(
      HoodieTimeline commits, String instant, Set<String> previousPaths) throws IOException {
    Map<String, String> latest = new TreeMap<>();
    for (String path : previousPaths) {
      latest.put(group(path), path);
    }
    Set<String> groupsWithLogs = new HashSet<>();
    for (HoodieInstant commit : commits.findInstantsAfter(instant).getInstants()) {
      HoodieCommitMetadata metadata = HudiTable.metadata(commits, commit);
      if (HudiTable.replacesAll(metadata)) {
        latest.clear();
        groupsWithLogs.clear();
      }
      for (HoodieWriteStat stat : metadata.getWriteStats()) {
        if (stat.getPath() == null) {
          continue;
        }
        String path = specification.path() + "/" + stat.getPath();
        if (path.endsWith(".parquet")) {
          latest.put(group(path), path);
          groupsWithLogs.remove(group(path));
        } else {
          groupsWithLogs.add(path.substring(0, path.lastIndexOf('/') + 1) + stat.getFileId());
        }
      }
      if (metadata instanceof HoodieReplaceCommitMetadata) {
        ((HoodieReplaceCommitMetadata) metadata)
            .getPartitionToReplaceFileIds()
            .forEach(
                (partition, ids) ->
                    ids.forEach(
                        id ->
                            latest.remove(
                                specification.path()
                                    + "/"
                                    + (partition.isEmpty() ? "" : partition + "/")
                                    + id)));
      }
    }
    if (!groupsWithLogs.isEmpty()) {
      throw uncompacted(groupsWithLogs.iterator().next());
    }
    return latest;
  }

  /** Latest base file per file group, from a listing of the whole table. */
  private Map<String, String> list(HoodieTableMetaClient client) {
    HoodieLocalEngineContext context = new HoodieLocalEngineContext(conf);
    HoodieMetadataConfig listing = HoodieMetadataConfig.newBuilder().enable(false).build();
    List<String> partitions =
        FSUtils.getAllPartitionPaths(context, listing, table.path().toString());
    Map<String, String> latest = new TreeMap<>();
    HoodieTableFileSystemView view =
        new HoodieTableFileSystemView(
            client, client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants());
    try {
      for (String partition : partitions) {
        for (FileSlice slice : view.getLatestFileSlices(partition).collect(Collectors.toList())) {
          if (slice.getLogFiles().findAny().isPresent()) {
            throw uncompacted(partition + "/" + slice.getFileId());
          }
          if (slice.getBaseFile().isPresent()) {
            HoodieBaseFile base = slice.getBaseFile().get();
            String path =
                specification.path()
                    + "/"
                    + (partition.isEmpty() ? "" : partition + "/")
                    + base.getFileName();
            latest.put(group(path), path);
          }
        }
      }
    } finally {
      view.close();
    }
    return latest;
  }

  /** Whether the latest file slices have log files that a reader of base files would miss. */
  public boolean needsCompaction(HoodieTableMetaClient client) {
    HoodieActiveTimeline active = client.getActiveTimeline();
    if (!active.filterPendingCompactionTimeline().empty()) {
      return true;
    }
    HoodieTimeline commits = active.getCommitsTimeline().filterCompletedInstants();
    if (!commits.lastInstant().isPresent()) {
      return false;
    }
    if (!commits.lastInstant().get().getAction().equals(HoodieTimeline.DELTA_COMMIT_ACTION)) {
      return false;
    }
    try {
      return HudiTable.metadata(commits, commits.lastInstant().get()).getWriteStats().stream()
          .anyMatch(stat -> stat.getPath() != null && !stat.getPath().endsWith(".parquet"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private JobException uncompacted(String group) {
    return JobException.retryable(
        "SNAPSHOT_NOT_COMPACTED",
        specification.dataset() + " has log files that are not compacted, at " + group);
  }

  private static String group(String path) {
    int slash = path.lastIndexOf('/');
    return path.substring(0, slash + 1) + FSUtils.getFileId(path.substring(slash + 1));
  }

  private JsonNode entry(String path, List<Column> columns, ArrayNode unmet) throws IOException {
    Path file = storageRoot.resolve(path);
    Footer footer = Footer.read(file, columns, conf);
    ObjectNode node = Json.object();
    node.put("path", path);
    ObjectNode partition = node.putObject("partition");
    String[] folders = path.substring(specification.path().length() + 1).split("/");
    for (int i = 0; i < specification.partitionBy().size(); i++) {
      String column = specification.partitionBy().get(i);
      String value = folders[i].substring(folders[i].indexOf('=') + 1);
      if (value.equals(PartitionPathEncodeUtils.DEFAULT_PARTITION_PATH)) {
        partition.putNull(column);
      } else {
        partition.put(column, PartitionPathEncodeUtils.unescapePathName(value));
      }
    }
    node.put("rows", footer.rows());
    node.put("bytes", Files.size(file));
    footer.min().forEach(node.putObject("min")::put);
    footer.max().forEach(node.putObject("max")::put);
    node.set("unmet", unmet == null ? Json.object().putArray("unmet") : unmet);
    return node;
  }

  @Override
  public SortedSet<String> instants() throws IOException {
    SortedSet<String> result = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.json")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!name.equals(CURRENT)) {
          result.add(name.substring(0, name.length() - ".json".length()));
        }
      }
    }
    return result;
  }

  @Override
  public Set<Path> files(Set<String> instants) throws IOException {
    Set<Path> result = new HashSet<>();
    List<Path> snapshots = new ArrayList<>();
    snapshots.add(directory.resolve(CURRENT));
    for (String instant : instants) {
      snapshots.add(directory.resolve(instant + ".json"));
    }
    for (Path snapshot : snapshots) {
      if (Files.exists(snapshot)) {
        for (JsonNode file : Json.read(snapshot).path("files")) {
          result.add(storageRoot.resolve(Json.text(file, "path")).toAbsolutePath().normalize());
        }
      }
    }
    return result;
  }

  @Override
  public void retain(Set<String> instants) throws IOException {
    Snapshot current = current();
    for (String instant : instants()) {
      if (!instants.contains(instant) && !(current != null && instant.equals(current.instant()))) {
        Files.deleteIfExists(directory.resolve(instant + ".json"));
      }
    }
  }

  /** Puts a text in the place of a file, in one step, whole also after a crash. */
  public static void replace(Path file, byte[] text) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(text);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
