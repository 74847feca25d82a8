package dev.lakegate.gateway.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Queries that have ended, newest last, in files of bounded size that outlive the process. It is
 * what users look at; what must never be missing is in the audit, so nothing here waits for the
 * disk. Thread-safe.
 */
public final class History implements Closeable {
  /** Field of an entry: id of the personal access token that asked; absent after a log-in. */
  public static final String TOKEN = "token";

  private static final Pattern NAME = Pattern.compile("\\d{20}\\.jsonl");
  private static final int OWNER = 32;

  private final Path directory;
  private final long maxBytes;
  private final long segmentBytes;

  // Guarded by this.
  private final TreeSet<Long> segments = new TreeSet<>();
  private RandomAccessFile active;

  /**
   * Opens it and finds what former processes left.
   *
   * @param maxBytes that it keeps, about; the oldest goes first
   */
  public History(Path directory, long maxBytes) {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.segmentBytes = Math.max(4096, maxBytes / 16);
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path f : files) {
          if (NAME.matcher(f.getFileName().toString()).matches()) {
            segments.add(Long.parseLong(f.getFileName().toString().substring(0, 20)));
          }
        }
      }
      begin(segments.isEmpty() ? 1 : segments.last() + 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path path(long number) {
    return directory.resolve(String.format("%020d.jsonl", number));
  }

  private void begin(long number) throws IOException {
    if (active != null) {
      active.close();
    }
    Path p = path(number);
    if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
      // Statements may name what only their authors should see.
      Files.createFile(
          p, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(p);
    }
    active = new RandomAccessFile(p.toFile(), "rw");
    segments.add(number);
    while (segments.size() > 1 && (segments.size() - 1) * segmentBytes > maxBytes - segmentBytes) {
      Files.deleteIfExists(path(segments.pollFirst()));
    }
  }

  /**
   * Notes a query that has ended.
   *
   * @param owner key of its principal
   * @param entry what is shown of it
   */
  public synchronized void add(String owner, JsonNode entry) {
    byte[] line = (hash(owner) + Json.write(entry) + "\n").getBytes(StandardCharsets.UTF_8);
    if (line.length > segmentBytes) {
      return;
    }
    try {
      if (active.length() > 0 && active.length() + line.length > segmentBytes) {
        begin(segments.last() + 1);
      }
      active.seek(active.length());
      active.write(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A page of it.
   *
   * @param entries newest first
   * @param next where the next page begins; null when there is none
   */
  public record Page(List<JsonNode> entries, String next) {}

  /**
   * Ended queries, newest first.
   *
   * @param owner whose; null for everybody's
   * @param token what was asked with this personal access token alone; null for all
   * @param from as a former page gave it; null for the newest
   * @param limit most entries
   * @throws IllegalArgumentException when {@code from} is none of this history
   */
  public Page read(String owner, String token, String from, int limit) {
    long before = Long.MAX_VALUE;
    int line = Integer.MAX_VALUE;
    if (from != null) {
      if (!from.matches("\\d{1,18}-\\d{1,9}")) {
        throw new IllegalArgumentException("not a place in the history");
      }
      before = Long.parseLong(from.substring(0, from.indexOf('-')));
      line = Integer.parseInt(from.substring(from.indexOf('-') + 1));
    }
    String wanted = owner == null ? null : hash(owner);
    List<JsonNode> entries = new ArrayList<>();
    // Whoever reads much keeps no query from ending: files only grow, and go as a whole.
    List<Long> newestFirst = segmentsTo(before);
    Collections.reverse(newestFirst);
    try {
      for (long segment : newestFirst) {
        List<String> lines = lines(segment);
        int last = Math.min(lines.size(), segment == before ? line : Integer.MAX_VALUE) - 1;
        for (int i = last; i >= 0; i--) {
          String text = lines.get(i);
          if (wanted == null || text.startsWith(wanted)) {
            JsonNode entry = Json.MAPPER.readTree(text.substring(OWNER));
            if (token != null && !token.equals(entry.path(TOKEN).asText(null))) {
              continue;
            }
            if (entries.size() == limit) {
              return new Page(entries, segment + "-" + (i + 1));
            }
            entries.add(entry);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Page(entries, null);
  }

  private synchronized List<Long> segmentsTo(long last) {
    return new ArrayList<>(segments.headSet(last, true));
  }

  private List<String> lines(long segment) throws IOException {
    String text;
    try {
      // The last line may be half written: what of it is no text must not fail.
      text = new String(Files.readAllBytes(path(segment)), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    int at = 0;
    // A killed process may have left half a line.
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      if (end - at > OWNER && text.charAt(at + OWNER) == '{') {
        lines.add(text.substring(at, end));
      }
      at = end + 1;
    }
    return lines;
  }

  private static String hash(String owner) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(owner.getBytes(StandardCharsets.UTF_8)))
          .substring(0, OWNER);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      active.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
