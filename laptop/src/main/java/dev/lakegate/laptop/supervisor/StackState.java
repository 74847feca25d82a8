package dev.lakegate.laptop.supervisor;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What runs, in {@code run/state.json}: readable by its owner alone, there only while Lakegate runs
 * (or after it was killed).
 *
 * @param status {@code starting}, {@code ready} or {@code stopping}
 * @param supervisor the process that keeps the others
 * @param processes its children
 * @param addresses base URLs by service: gateway, gatewayTls, ingest, transform, governance,
 *     identity
 * @param demoPassword of every demo user
 * @param source the database that is captured
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record StackState(
    int version,
    String status,
    ProcessMark supervisor,
    List<ProcessMark> processes,
    Map<String, String> addresses,
    String demoPassword,
    Source source,
    Instant startedAt) {
  /**
   * A process that is known again after its number was given to another: by its start time.
   *
   * @param startedAtMillis start time, or 0 when the system does not tell
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ProcessMark(String name, long pid, long startedAtMillis) {
    static ProcessMark of(String name, ProcessHandle handle) {
      return new ProcessMark(
          name, handle.pid(), handle.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }

    /** The process, if it still runs. */
    public Optional<ProcessHandle> find() {
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(
              h ->
                  startedAtMillis != 0
                      && h.info()
                          .startInstant()
                          // The kernel counts in hundredths of a second.
                          .map(s -> Math.abs(s.toEpochMilli() - startedAtMillis) <= 20)
                          .orElse(false));
    }
  }

  /**
   * The database that is captured. Of one that is not ours, neither user nor password is kept.
   *
   * @param jdbcUrl without credentials
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Source(boolean embedded, String jdbcUrl, String username, String password) {
    @Override
    public String toString() {
      return "Source[" + jdbcUrl + "]";
    }
  }

  static final int VERSION = 1;

  private static Path file(Path dataDirectory) {
    return dataDirectory.resolve("run").resolve("state.json");
  }

  /** The state in the data directory, or empty when nothing was started there. */
  public static Optional<StackState> read(Path dataDirectory) throws IOException {
    try {
      return Optional.of(Json.read(Files.readString(file(dataDirectory)), StackState.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new IOException(file(dataDirectory) + " cannot be read: " + e.getMessage(), e);
    }
  }

  void write(Path dataDirectory) throws IOException {
    Path file = file(dataDirectory);
    Path fresh = file.resolveSibling("state.json.new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, Json.write(this));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  static void remove(Path dataDirectory) throws IOException {
    Files.deleteIfExists(file(dataDirectory));
  }

  /** Whether its supervisor still runs. */
  public boolean isRunning() {
    return supervisor.find().isPresent();
  }

  /** Base URL of a service. */
  public String address(String service) {
    return addresses.get(service);
  }

  @Override
  public String toString() {
    return "StackState[" + status + ", " + addresses + "]";
  }
}
