package dev.lakegate.ingest.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PostgreSQL of a test's own, to be stopped and started, also on another timeline. */
public final class OwnCluster implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private final EmbeddedPostgres postgres;
  private final TestSource source;
  private final Path data;
  private final List<String> command;
  private final Path log;

  public OwnCluster(Path directory) throws IOException, SQLException {
    postgres = TestSource.cluster();
    source = TestSource.in(postgres);
    data = Path.of(source.query("SHOW data_directory"));
    log = directory.resolve("postgres.log");
    command = new ArrayList<>();
    // As the embedded server is started: in a user namespace PostgreSQL does not see root.
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U"));
    }
    Matcher words = WORD.matcher(Files.readString(data.resolve("postmaster.opts")).strip());
    while (words.find()) {
      command.add(words.group(1) != null ? words.group(1) : words.group(2));
    }
  }

  /** The backend's database in it. */
  public TestSource source() {
    return source;
  }

  /** Stops it as an administrator would who is in a hurry. */
  public void stop() throws IOException, InterruptedException {
    long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0));
    new ProcessBuilder("kill", "-INT", Long.toString(pid)).start().waitFor();
    TestSource.await(
        "PostgreSQL has ended", LIMIT, () -> !Files.exists(data.resolve("postmaster.pid")));
  }

  /** Starts it again. */
  public void start(String... options) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of(options));
    new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
    TestSource.await(
        "PostgreSQL answers",
        LIMIT,
        () -> {
          try {
            return "f".equals(source.query("SELECT pg_is_in_recovery()"));
          } catch (SQLException e) {
            return false;
          }
        });
  }

  /** Starts it again from its own log as if restored, which begins another timeline. */
  public void startOnAnotherTimeline() throws IOException, InterruptedException {
    Files.createFile(data.resolve("recovery.signal"));
    start("-c", "restore_command=false");
  }

  @Override
  public void close() throws Exception {
    if (Files.exists(data.resolve("postmaster.pid"))) {
      stop();
    }
    postgres.close();
  }
}
