package dev.lakegate.jobs.storage;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;

/**
 * Remembers the attributes of files that never change once they are written: base files and files
 * of a timeline. Hudi lists the same folders many times in each commit, and the files of two hours
 * of commits stay in them. Safe for use by many threads.
 */
final class KnownStatuses {
  private static final Pattern IMMUTABLE =
      Pattern.compile(".*[.]parquet|.*/[.]hoodie/[0-9]{14,17}[.][a-z.]+");
  private static final int MOST = 200_000;

  /** A younger file may still be being written. */
  private static final long SETTLED_MILLIS = 3_000;

  private final ConcurrentMap<String, FileStatus> known = new ConcurrentHashMap<>();
  private final AtomicLong changes = new AtomicLong();

  /** How attributes are read. */
  interface Source {
    FileStatus read() throws IOException;
  }

  FileStatus get(Path file, Source source) throws IOException {
    String name = file.toString();
    FileStatus status = known.get(name);
    if (status == null) {
      long before = changes.get();
      long now = System.currentTimeMillis();
      status = source.read();
      if (!status.isDirectory()
          && status.getModificationTime() + SETTLED_MILLIS < now
          && IMMUTABLE.matcher(name).matches()) {
        if (known.size() >= MOST) {
          known.clear();
        }
        known.put(name, status);
        if (changes.get() != before) {
          known.remove(name);
        }
      }
    }
    return status;
  }

  void forget(Path file) {
    changes.incrementAndGet();
    known.remove(file.toString());
  }

  /** A stream that makes its file forgotten when it is closed. */
  OutputStream forgetting(Path file, OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        try {
          out.close();
        } finally {
          forget(file);
        }
      }
    };
  }
}
