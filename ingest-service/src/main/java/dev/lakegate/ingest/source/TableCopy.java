package dev.lakegate.ingest.source;

import dev.lakegate.ingest.bronze.Stage;
import dev.lakegate.ingest.bronze.TableSchema;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads a table with COPY under a snapshot, on a thread of its own, into stages of bounded size:
 * one is filled while its reader writes the one before, and one may wait in between. A table's
 * reading may follow another's under the same snapshot, so that it is read while that one is still
 * being written.
 */
public final class TableCopy implements AutoCloseable {
  /** Makes the stage for the next rows. */
  @FunctionalInterface
  public interface StageFactory {
    /** A new, empty stage for CSV columns in this order. */
    Stage create(int[] csvOrder) throws IOException;
  }

  private sealed interface Item {
    record Rows(Stage stage) implements Item {}

    record End() implements Item {}

    record Failure(Throwable cause) implements Item {}
  }

  private static final String QUERY_CANCELED = "57014";

  private final SourceSnapshot snapshot;
  private final BlockingQueue<Item> items = new ArrayBlockingQueue<>(1);
  private final CountDownLatch readingEnded = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean readWhole;
  private volatile boolean closed;
  private boolean ended;

  /**
   * Starts reading.
   *
   * @param schema version that the snapshot sees
   * @param stageBytes a stage is handed over when it reaches this size
   * @param after the copy under the same snapshot whose reading comes first; null for none. When it
   *     fails, this one is of no use
   */
  public TableCopy(
      SourceSnapshot snapshot,
      CatalogTable table,
      TableSchema schema,
      StageFactory stages,
      long stageBytes,
      TableCopy after) {
    this.snapshot = snapshot;
    int[] order = csvOrder(schema);
    this.thread =
        new Thread(
            () -> run(table, copySql(table, schema, order), order, stages, stageBytes, after),
            "copy-" + table.name());
    thread.setDaemon(true);
    thread.start();
  }

  /** The tenant first, so that it can be found without parsing the row. */
  static int[] csvOrder(TableSchema schema) {
    int tenant = schema.tenantIndex();
    return IntStream.concat(
            tenant < 0 ? IntStream.empty() : IntStream.of(tenant),
            IntStream.range(0, schema.columns().size()).filter(i -> i != tenant))
        .toArray();
  }

  static String copySql(CatalogTable table, TableSchema schema, int[] order) {
    String columns =
        IntStream.of(order)
            .mapToObj(i -> Sql.identifier(schema.columns().get(i).name()))
            .collect(Collectors.joining(", "));
    // COPY reads a plain table fastest; of a partitioned one it can only read a query.
    return table.kind() == 'r'
        ? "COPY " + table.quoted() + " (" + columns + ") TO STDOUT (FORMAT csv)"
        : "COPY (SELECT " + columns + " FROM " + table.quoted() + ") TO STDOUT (FORMAT csv)";
  }

  private void run(
      CatalogTable table,
      String sql,
      int[] order,
      StageFactory stages,
      long stageBytes,
      TableCopy after) {
    Stage stage = null;
    try {
      if (after != null) {
        after.readingEnded.await();
        if (!after.readWhole) {
          return;
        }
      }
      snapshot.lock(table);
      CopyOut copy = snapshot.transaction().unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
      byte[] row;
      while ((row = copy.readFromCopy()) != null) {
        if (stage == null) {
          stage = stages.create(order);
        }
        stage.addCopied(row);
        if (stage.bytes() >= stageBytes) {
          stage.finish();
          items.put(new Item.Rows(stage));
          stage = null;
        }
      }
      if (stage != null) {
        stage.finish();
        items.put(new Item.Rows(stage));
        stage = null;
      }
      snapshot.unlock();
      readWhole = true;
      readingEnded.countDown();
      items.put(new Item.End());
    } catch (InterruptedException e) {
      close(stage);
    } catch (SQLException | IOException | RuntimeException | Error e) {
      close(stage);
      fail(e);
    } finally {
      readingEnded.countDown();
    }
  }

  private void fail(Throwable cause) {
    try {
      if (!closed) {
        items.put(new Item.Failure(cause));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The next stage, which the caller closes; null when the table was read to its end.
   *
   * @param stop ends the waiting, as for a lock that a migration holds
   * @throws SQLException when reading failed, or was to stop
   */
  public Stage next(BooleanSupplier stop) throws SQLException, IOException, InterruptedException {
    return take(stop);
  }

  /**
   * The next stage, if there is one by now, which the caller closes.
   *
   * @return null when there is none yet, or the table was read to its end
   * @throws SQLException when reading failed
   */
  public Stage poll() throws SQLException, IOException, InterruptedException {
    return take(null);
  }

  /** Whether the table was read to its end, and every stage taken. */
  public boolean ended() {
    return ended;
  }

  /**
   * @param stop null not to wait at all
   */
  private Stage take(BooleanSupplier stop) throws SQLException, IOException, InterruptedException {
    while (true) {
      Item item = stop != null ? items.poll(100, TimeUnit.MILLISECONDS) : items.poll();
      if (item instanceof Item.Rows rows) {
        return rows.stage();
      } else if (item instanceof Item.End) {
        ended = true;
        thread.join();
        return null;
      } else if (item instanceof Item.Failure failure) {
        if (failure.cause() instanceof SQLException e) {
          throw e;
        }
        throw new IOException("reading the copy failed", failure.cause());
      } else if (!thread.isAlive() && items.isEmpty()) {
        throw new IOException("the thread that read the copy ended");
      } else if (stop == null) {
        return null;
      } else if (stop.getAsBoolean()) {
        throw new SQLException("capture is to stop", QUERY_CANCELED);
      }
    }
  }

  /**
   * Stops reading. The snapshot's connection cannot be used afterwards unless it was at its end.
   */
  @Override
  public void close() throws SQLException {
    closed = true;
    if (!ended) {
      snapshot.transaction().abort(Runnable::run);
      thread.interrupt();
    }
    for (Item item = items.poll(); item != null; item = items.poll()) {
      if (item instanceof Item.Rows rows) {
        close(rows.stage());
      }
    }
  }

  private static void close(Stage stage) {
    if (stage != null) {
      try {
        stage.close();
      } catch (IOException e) {
        // Scratch; removed at the next start.
      }
    }
  }
}
