package dev.lakegate.ingest.quarantine;

import dev.lakegate.model.bronze.ManifestWriter;
import dev.lakegate.model.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files below {@code bronze/_quarantine/}: {@code <manifest number>-<n>.jsonl}, one event a
 * line. What bears a number above the last manifest does not exist. Stateless.
 */
final class QuarantineFiles {
  private static final Pattern NAME = Pattern.compile("(\\d{20})-(\\d+)\\.jsonl");

  /** What happened to a row. */
  enum Kind {
    /** It was put into quarantine. */
    HELD,
    /** A later change made it right, or removed it. */
    RELEASED,
    /** Its table was truncated, and with that all of its rows are gone. */
    TRUNCATED
  }

  /**
   * A line.
   *
   * @param row with all of its parts when it was held; otherwise table and key alone
   */
  record Event(Kind kind, String table, Map<String, String> key, QuarantinedRow row) {}

  /** A file, in the order of their names. */
  record File(Path path, long number, int part) {}

  private final Path directory;

  QuarantineFiles(Path storageRoot) {
    this.directory = storageRoot.resolve("bronze/_quarantine");
  }

  List<File> list() throws IOException {
    List<File> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path path : all) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (name.matches()) {
          files.add(new File(path, Long.parseLong(name.group(1)), Integer.parseInt(name.group(2))));
        }
      }
    } catch (NoSuchFileException e) {
      // Nothing was ever held.
    }
    files.sort(Comparator.comparingLong(File::number).thenComparingInt(File::part));
    return files;
  }

  void read(File file, Consumer<Event> events) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file.path())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        events.accept(Json.read(line, Event.class));
      }
    }
  }

  /** Durable when it returns. */
  void write(long number, int part, List<Event> events) throws IOException {
    boolean fresh = !Files.isDirectory(directory);
    Files.createDirectories(directory);
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(Json.write(event)).append('\n'));
    Path file = directory.resolve(String.format("%020d-%d.jsonl", number, part));
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    ManifestWriter.sync(directory);
    if (fresh) {
      ManifestWriter.sync(directory.getParent());
    }
  }
}
