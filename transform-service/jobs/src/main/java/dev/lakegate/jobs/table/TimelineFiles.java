package dev.lakegate.jobs.table;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.spark.Scratch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieTableType;
import org.apache.hudi.common.table.HoodieTableConfig;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files by which Hudi knows a table, where a crash or a change of its layout left them amiss.
 */
final class TimelineFiles {
  private static final Logger LOG = LoggerFactory.getLogger(TimelineFiles.class);
  private static final Pattern COMPLETED =
      Pattern.compile("[0-9]{14,17}[.](commit|deltacommit|replacecommit|clean|rollback|savepoint)");
  private static final String PARTITION = ".hoodie_partition_metadata";

  private final Path path;
  private final Path timeline;
  private final Specification specification;

  TimelineFiles(Path path, Specification specification) {
    this.path = path;
    this.timeline = path.resolve(".hoodie");
    this.specification = specification;
  }

  /**
   * Mends what can be, and says whether there is a table.
   *
   * <p>A file that a loss of power left without content, or cut off, says nothing: its action did
   * not complete, and Hudi takes it back. Properties can be written anew. A timeline that never had
   * properties nor a commit is what a crash left of a table's beginning.
   */
  boolean mend(Configuration conf) throws IOException {
    if (!Files.isDirectory(timeline)) {
      return false;
    }
    boolean commits = removeHalfWritten();
    boolean properties = false;
    for (String name : new String[] {"hoodie.properties", "hoodie.properties.backup"}) {
      properties |= isWhole(timeline.resolve(name));
    }
    if (!properties && !commits) {
      Scratch.delete(timeline);
      return false;
    }
    if (!properties) {
      LOG.warn("{}: writing the table's properties anew", specification.dataset());
      Files.deleteIfExists(timeline.resolve("hoodie.properties"));
      Files.deleteIfExists(timeline.resolve("hoodie.properties.backup"));
      HoodieTableConfig.create(fileSystem(conf), hadoop(), properties());
    }
    return true;
  }

  /** Removes files that cannot be read; whether a completed commit is left. */
  private boolean removeHalfWritten() throws IOException {
    List<Path> completed = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(timeline)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(".new")) {
          Files.deleteIfExists(file);
        } else if (COMPLETED.matcher(name).matches()) {
          completed.add(file);
        }
      }
    }
    Collections.sort(completed, (a, b) -> b.getFileName().compareTo(a.getFileName()));
    boolean commits = false;
    boolean newest = true;
    for (Path file : completed) {
      boolean commit = file.getFileName().toString().endsWith("commit");
      // Only the newest can be cut off: before the next is written, it reached the disk.
      if (Files.size(file) == 0 || (commit && newest && !isJson(file))) {
        LOG.warn("{}: {} is not whole and is taken back", specification.dataset(), file);
        Files.delete(file);
        continue;
      }
      commits |= commit;
      newest &= !commit;
    }
    return commits;
  }

  private static boolean isJson(Path file) throws IOException {
    try {
      HoodieCommitMetadata.fromBytes(Files.readAllBytes(file), HoodieCommitMetadata.class);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isWhole(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    return properties.containsKey("hoodie.table.name");
  }

  /** Writes into the table's properties where rows are placed now. */
  void describe(Configuration conf) {
    Properties changed = new Properties();
    Properties all = properties();
    for (String name :
        new String[] {
          "hoodie.table.recordkey.fields",
          "hoodie.table.partition.fields",
          "hoodie.table.keygenerator.class"
        }) {
      changed.setProperty(name, all.getProperty(name, ""));
    }
    HoodieTableConfig.update(fileSystem(conf), hadoop(), changed);
  }

  /**
   * A folder that Hudi takes for a partition hides those below it. Removes the marks of folders
   * that were partitions of a table with fewer partition columns.
   *
   * @param columns number of partition columns by which the table's rows are placed
   */
  void forgetOuterPartitions(int columns) throws IOException {
    forget(path, columns);
  }

  private static void forget(Path folder, int depth) throws IOException {
    if (depth == 0) {
      return;
    }
    Files.deleteIfExists(folder.resolve(PARTITION));
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        if (child.getFileName().toString().contains("=") && Files.isDirectory(child)) {
          forget(child, depth - 1);
        }
      }
    }
  }

  private Properties properties() {
    Map<String, String> options = HudiOptions.write(specification);
    HoodieTableMetaClient.PropertyBuilder builder =
        HoodieTableMetaClient.withPropertyBuilder()
            .setTableType(
                HoodieTableType.valueOf(options.get("hoodie.datasource.write.table.type")))
            .setDatabaseName("")
            .setTableName(specification.name())
            .setRecordKeyFields(options.get("hoodie.datasource.write.recordkey.field"))
            .setPartitionFields(options.get("hoodie.datasource.write.partitionpath.field"))
            .setKeyGeneratorClassProp(options.get("hoodie.datasource.write.keygenerator.class"))
            .setPayloadClassName(options.get("hoodie.datasource.write.payload.class"))
            .setHiveStylePartitioningEnable(true)
            .setUrlEncodePartitioning(true)
            .setCDCEnabled(false)
            .setArchiveLogFolder("archived")
            .setCommitTimezone(org.apache.hudi.common.model.HoodieTimelineTimeZone.UTC);
    String ordering = options.get("hoodie.datasource.write.precombine.field");
    if (ordering != null) {
      builder.setPreCombineField(ordering);
    }
    return builder.build();
  }

  private org.apache.hadoop.fs.Path hadoop() {
    return new org.apache.hadoop.fs.Path("file", null, timeline.toString());
  }

  private FileSystem fileSystem(Configuration conf) {
    try {
      return hadoop().getFileSystem(conf);
    } catch (IOException e) {
      throw JobException.retryable("RUN_FAILED", "no file system for " + timeline);
    }
  }
}
