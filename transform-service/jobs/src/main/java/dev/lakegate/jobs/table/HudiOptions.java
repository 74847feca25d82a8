package dev.lakegate.jobs.table;

import dev.lakegate.jobs.protocol.Specification;
import java.util.HashMap;
import java.util.Map;

/** Hudi's options for the tables here. */
final class HudiOptions {
  private HudiOptions() {}

  static Map<String, String> write(Specification specification) {
    boolean silver = specification.kind() == Specification.Kind.SILVER;
    Map<String, String> options = new HashMap<>();
    // Both of Hudi's writers then store decimals, and lists without NULL in them, in one shape. A
    // list that they stored in two shapes would be lost when its file is written anew.
    options.put("hoodie.parquet.writelegacyformat.enabled", "true");
    options.put("hoodie.table.name", specification.name());
    options.put("hoodie.datasource.write.table.type", silver ? "COPY_ON_WRITE" : "MERGE_ON_READ");
    options.put("hoodie.datasource.write.recordkey.field", String.join(",", specification.key()));
    options.put(
        "hoodie.datasource.write.partitionpath.field",
        String.join(",", specification.partitionBy()));
    options.put(
        "hoodie.datasource.write.keygenerator.class",
        specification.partitionBy().isEmpty()
            ? "org.apache.hudi.keygen.NonpartitionedKeyGenerator"
            : "org.apache.hudi.keygen.ComplexKeyGenerator");
    options.put("hoodie.datasource.write.hive_style_partitioning", "true");
    options.put("hoodie.datasource.write.partitionpath.urlencode", "true");
    options.put("hoodie.datasource.write.reconcile.schema", "true");
    options.put("hoodie.datasource.write.row.writer.enable", "true");
    options.put("hoodie.table.timeline.timezone", "UTC");
    if (silver) {
      // The precombine field alone lets a stale row overwrite a newer one: the payload must order.
      options.put("hoodie.datasource.write.precombine.field", "_change_seq");
      options.put("hoodie.payload.ordering.field", "_change_seq");
      options.put(
          "hoodie.datasource.write.payload.class",
          "org.apache.hudi.common.model.DefaultHoodieRecordPayload");
      // Keys come with the partitions they are stored in, so only those are searched.
      options.put("hoodie.index.type", "SIMPLE");
      options.put("hoodie.simple.index.parallelism", "2");
      options.put("hoodie.simple.index.use.caching", "false");
    } else {
      options.put(
          "hoodie.datasource.write.payload.class",
          "org.apache.hudi.common.model.OverwriteWithLatestAvroPayload");
      options.put("hoodie.index.type", "BUCKET");
      options.put("hoodie.index.bucket.engine", "SIMPLE");
      options.put("hoodie.bucket.index.num.buckets", "1");
      options.put("hoodie.bucket.index.hash.field", String.join(",", specification.key()));
      options.put("hoodie.compact.inline", "true");
      options.put("hoodie.compact.inline.max.delta.commits", "1");
    }
    // A batch has each key of a partition once.
    options.put("hoodie.combine.before.upsert", "false");
    options.put("hoodie.combine.before.insert", "false");
    options.put("hoodie.upsert.shuffle.parallelism", "2");
    options.put("hoodie.insert.shuffle.parallelism", "2");
    options.put("hoodie.bulkinsert.shuffle.parallelism", "2");
    options.put("hoodie.delete.shuffle.parallelism", "2");
    options.put("hoodie.rollback.parallelism", "2");
    options.put("hoodie.finalize.write.parallelism", "2");
    options.put("hoodie.markers.delete.parallelism", "2");
    options.put("hoodie.cleaner.parallelism", "2");
    options.put("hoodie.file.listing.parallelism", "2");
    options.put("hoodie.archive.delete.parallelism", "2");
    // Without sorting, each task writes a file into each partition.
    options.put("hoodie.bulkinsert.sort.mode", "GLOBAL_SORT");
    options.put("hoodie.allow.empty.commit", "true");
    options.put("hoodie.metadata.enable", "false");
    options.put("hoodie.embed.timeline.server", "false");
    options.put("hoodie.write.markers.type", "DIRECT");
    options.put("hoodie.parquet.compression.codec", "snappy");
    options.put("hoodie.parquet.bloom.filter.enabled", "false");
    options.put("hoodie.bloom.index.filter.type", "SIMPLE");
    options.put("hoodie.index.bloom.num_entries", "1000");
    options.put("hoodie.parquet.max.file.size", String.valueOf(64L << 20));
    options.put("hoodie.parquet.small.file.limit", String.valueOf(32L << 20));
    options.put("hoodie.copyonwrite.record.size.estimate", "200");
    options.put("hoodie.memory.merge.max.size", String.valueOf(128L << 20));
    options.put("hoodie.memory.compaction.max.size", String.valueOf(128L << 20));
    options.put("hoodie.cleaner.policy.failed.writes", "EAGER");
    options.put("hoodie.clean.automatic", "false");
    options.put("hoodie.clean.async", "false");
    options.put("hoodie.archive.automatic", "false");
    return options;
  }

  /**
   * For cleaning and archiving.
   *
   * @param kept newest commits that keep all their files
   * @param least least number of commits that stay in the active timeline; more than those
   * @param most when there are more, commits and cleanings are taken out of it
   */
  static Map<String, String> upkeep(Specification specification, int kept, int least, int most) {
    Map<String, String> options = write(specification);
    options.put("hoodie.cleaner.policy", "KEEP_LATEST_COMMITS");
    options.put("hoodie.cleaner.commits.retained", String.valueOf(kept));
    options.put("hoodie.clean.trigger.strategy", "NUM_COMMITS");
    options.put("hoodie.clean.max.commits", "1");
    options.put("hoodie.archive.async", "false");
    // For cleanings alone: a commit behind a savepoint would be archived before it (see Timeline).
    options.put("hoodie.archive.beyond.savepoint", "false");
    options.put("hoodie.keep.min.commits", String.valueOf(least));
    options.put("hoodie.keep.max.commits", String.valueOf(most));
    options.put("hoodie.commits.archival.batch", "20");
    return options;
  }
}
