package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.source.CatalogColumn;
import dev.lakegate.ingest.source.Partitions.Partition;
import dev.lakegate.ingest.source.Publications;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.model.bronze.ManifestWriter;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the source's catalog looked when Bronze last agreed with it: at the snapshot of a table's
 * copy, then at every look that found nothing the log does not carry. Durable, so that what happens
 * while nobody looks is noticed afterwards. Not thread-safe.
 */
final class TableLooks {
  private static final String FILE = "bronze/_looks.json";
  private static final int MAX_BYTES = 64 << 20;

  /**
   * The stored form.
   *
   * @param version of this file, {@value #VERSION}
   * @param publication null when it was not looked at yet
   */
  record Stored(int version, Publication publication, SortedMap<String, Table> tables) {
    static final int VERSION = 1;
  }

  /**
   * The publication's row in the catalog.
   *
   * @param oid another one is another publication of the same name
   * @param altered the transaction that last altered it
   * @param owner to whom it belongs; giving it away alters it, too
   */
  record Publication(long oid, String altered, String owner) {
    static Publication of(Publications.Publication publication) {
      return new Publication(publication.oid(), publication.altered(), publication.owner());
    }

    /** Whether changes may have been left out since. */
    boolean mayHaveLeftOut(Publications.Publication now) {
      return oid != now.oid() || !altered.equals(now.altered()) && owner.equals(now.owner());
    }
  }

  /**
   * A table.
   *
   * @param generation of the copy since which it looks like that
   * @param storage see {@code CatalogTable}
   * @param attributes the highest column number that was ever given away
   * @param published its membership in the publication; null when it is no member by itself
   * @param columns those seen since the copy, also if they are gone by now
   * @param partitions those that hold rows; null when they were not looked at, or it has none
   */
  record Table(
      int generation,
      String storage,
      int attributes,
      String published,
      SortedMap<String, Column> columns,
      Partitions partitions) {
    static Table of(int generation, SourceDatabase.Look look, Partitions partitions) {
      SortedMap<String, Column> columns = new TreeMap<>();
      for (CatalogColumn column : look.columns()) {
        columns.put(
            column.column().name(), new Column(column.number(), column.altered(), column.labels()));
      }
      return new Table(
          generation,
          look.table().storage(),
          look.attributes(),
          look.published(),
          columns,
          partitions);
    }

    /** The newer look, with columns that it does not have any more. */
    Table then(Table newer) {
      SortedMap<String, Column> all = new TreeMap<>(columns);
      all.putAll(newer.columns());
      return new Table(
          newer.generation(),
          newer.storage(),
          newer.attributes(),
          newer.published(),
          all,
          newer.partitions() == null ? partitions : newer.partitions());
    }
  }

  /**
   * The partitions of a table.
   *
   * @param horizon a transaction: whatever an earlier one wrote into them was there when they were
   *     looked at
   * @param byOid see {@code Partitions}
   */
  record Partitions(String horizon, SortedMap<Long, Partition> byOid) {}

  /**
   * A column.
   *
   * @param number see {@code CatalogColumn}
   * @param altered see {@code CatalogColumn}
   * @param labels see {@code CatalogColumn}
   */
  record Column(int number, String altered, List<String> labels) {}

  private final Path root;
  private final SortedMap<String, Table> tables = new TreeMap<>();
  private Publication publication;

  TableLooks(Path root) {
    this.root = root;
  }

  /** Reads what the storage root remembers. */
  void load() {
    tables.clear();
    publication = null;
    Path file = root.resolve(FILE);
    if (Files.exists(file)) {
      Stored stored = Json.readFile(file, Stored.class, Stored.VERSION, MAX_BYTES);
      publication = stored.publication();
      tables.putAll(stored.tables());
    }
  }

  /** Null when the table was not looked at since that copy was begun. */
  Table table(String name, int generation) {
    Table table = tables.get(name);
    return table == null || table.generation() != generation ? null : table;
  }

  /** Null when it was not looked at yet. */
  Publication publication() {
    return publication;
  }

  /** Remembers durably. */
  void put(String name, Table table) throws IOException {
    if (!table.equals(tables.put(name, table))) {
      write();
    }
  }

  /** Remembers durably. */
  void put(Publication present) throws IOException {
    if (!present.equals(publication)) {
      publication = present;
      write();
    }
  }

  private void write() throws IOException {
    Path file = root.resolve(FILE);
    Path temporary = file.resolveSibling("_looks.json.new");
    String json = Json.write(new Stored(Stored.VERSION, publication, tables));
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    ManifestWriter.sync(file.getParent());
  }
}
