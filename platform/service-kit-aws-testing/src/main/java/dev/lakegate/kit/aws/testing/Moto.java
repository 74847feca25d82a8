package dev.lakegate.kit.aws.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * moto_server, which emulates AWS, on a free port: one for the process, ended with it. Where it is
 * not installed, tests are skipped and say so, or fail when {@code LAKEGATE_MOTO_REQUIRED} is
 * {@code true}, as it is in CI. {@code LAKEGATE_MOTO} names the program when it is not on the path.
 */
public final class Moto {
  private static final Pattern RUNNING =
      Pattern.compile("Running on (http://127\\.0\\.0\\.1:\\d+)");
  private static final int PATIENCE_SECONDS = 90;
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static Moto shared;
  private static Optional<Path> botocore;

  private final URI address;

  private Moto(URI address) {
    this.address = address;
  }

  /** The one of this process, as it was left; skips the test where moto is missing. */
  public static synchronized Moto shared() {
    if (shared == null) {
      shared = start();
    }
    return shared;
  }

  /**
   * Whether tests against it can run here; says on the console when not. For {@code @EnabledIf} of
   * tests whose surroundings start before they could skip.
   */
  public static boolean installed() {
    Path named = Path.of(program());
    boolean there =
        named.getParent() != null
            ? Files.isExecutable(named)
            : Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(entry -> !entry.isBlank())
                .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(named)));
    if (!there) {
      missing(false);
    }
    return there;
  }

  /** Where botocore's descriptions of AWS's services are; empty where it is not installed. */
  static synchronized Optional<Path> botocoreData() {
    if (botocore == null) {
      botocore =
          Optional.ofNullable(python())
              .flatMap(
                  python ->
                      output(python, "-c", "import botocore; print(botocore.__path__[0])").stream()
                          .map(line -> Path.of(line.trim(), "data"))
                          .filter(Files::isDirectory)
                          .findFirst());
      if (botocore.isEmpty()) {
        missing(false);
      }
    }
    return botocore;
  }

  // The interpreter beside the program knows what the program knows, in a virtual environment too.
  private static String python() {
    Path named = Path.of(program());
    Stream<Path> folders =
        named.getParent() != null
            ? Stream.of(named.getParent())
            : Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(entry -> !entry.isBlank())
                .map(Path::of)
                .filter(folder -> Files.isExecutable(folder.resolve(named)));
    return folders
        .map(folder -> folder.resolve("python3"))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse(null);
  }

  private static List<String> output(String... command) {
    try {
      Process process = new ProcessBuilder(command).start();
      process.getOutputStream().close();
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        return lines.lines().toList();
      }
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Where it answers, for every service. */
  public URI address() {
    return address;
  }

  /** Forgets everything. */
  public void reset() {
    try {
      int status =
          HTTP.send(
                  HttpRequest.newBuilder(address.resolve("/moto-api/reset"))
                      .POST(HttpRequest.BodyPublishers.noBody())
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode();
      if (status != 200) {
        throw new AssertionError("moto does not reset: " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String program() {
    String named = System.getenv("LAKEGATE_MOTO");
    return named == null || named.isBlank() ? "moto_server" : named;
  }

  private static Moto start() {
    Process process;
    try {
      process =
          new ProcessBuilder(program(), "-H", "127.0.0.1", "-p", "0")
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      throw missing(true);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process)));
    CompletableFuture<URI> found = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(process, found), "moto-output");
    reader.setDaemon(true);
    reader.start();
    try {
      return new Moto(found.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
      end(process);
      throw new AssertionError("moto_server did not start: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  // A launcher script may have started the server as a child of its own.
  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  // Goes on until the end: a server whose output nobody reads stops when the pipe is full.
  private static void read(Process process, CompletableFuture<URI> found) {
    Deque<String> last = new ArrayDeque<>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher running = RUNNING.matcher(line);
        if (running.find()) {
          found.complete(URI.create(running.group(1)));
        }
        last.addLast(line);
        if (last.size() > 20) {
          last.removeFirst();
        }
      }
    } catch (IOException e) {
      found.completeExceptionally(e);
    }
    found.completeExceptionally(new IOException("it ended:\n" + String.join("\n", last)));
  }

  private static RuntimeException missing(boolean abort) {
    String message =
        "moto_server is not installed: pip install 'moto[server]==5.2.1', or set LAKEGATE_MOTO to"
            + " the program";
    if (Boolean.parseBoolean(System.getenv("LAKEGATE_MOTO_REQUIRED"))) {
      throw new AssertionError(message);
    }
    System.err.println("SKIPPED, AWS cannot be emulated: " + message);
    if (abort) {
      Assumptions.abort(message);
    }
    return new IllegalStateException(message);
  }
}
