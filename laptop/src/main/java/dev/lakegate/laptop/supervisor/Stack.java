package dev.lakegate.laptop.supervisor;

import dev.lakegate.laptop.backend.LiveTraffic;
import dev.lakegate.laptop.backend.SampleBackend;
import dev.lakegate.laptop.identity.IdentityProvider;
import dev.lakegate.laptop.identity.Secrets;
import dev.lakegate.laptop.postgres.PostgresCluster;
import dev.lakegate.laptop.postgres.PostgresException;
import dev.lakegate.laptop.supervisor.ServiceEnvironment.Database;
import dev.lakegate.laptop.supervisor.StackState.ProcessMark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Everything that runs on the laptop: PostgreSQL, the identity provider, the four services and the
 * sample backend's traffic. Identity provider and traffic are threads of this process, the others
 * its children. Thread-safe.
 */
public final class Stack implements AutoCloseable {
  private static final Duration POSTGRES_READY = Duration.ofSeconds(60);
  private static final Duration SERVICE_READY = Duration.ofSeconds(120);
  private final StackOptions options;
  private final Consumer<String> progress;
  private final DataDirectory data;
  private final String demoPassword = Secrets.password();
  private final Instant startedAt = Instant.now();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final List<SupervisedProcess> processes = new ArrayList<>();

  private final Map<String, String> clientSecrets = new LinkedHashMap<>();

  private PostgresCluster postgres;
  private IdentityProvider identity;
  private SampleBackend backend;
  private LiveTraffic traffic;
  private String status = "starting";
  private boolean closed;

  private Stack(StackOptions options, Consumer<String> progress, DataDirectory data) {
    this.options = options;
    this.progress = progress;
    this.data = data;
  }

  /**
   * Starts everything and returns when all of it is ready.
   *
   * @param progress takes a line for each step, also later, when a child ends and is started again
   * @throws StartException when something cannot start; what had started is stopped again
   */
  public static Stack start(StackOptions options, Consumer<String> progress) {
    return start(options, progress, stack -> {});
  }

  /**
   * As {@link #start(StackOptions, Consumer)}.
   *
   * @param opened takes the stack before its first child starts, so that whoever handles signals
   *     can close it while it starts
   */
  public static Stack start(
      StackOptions options, Consumer<String> progress, Consumer<Stack> opened) {
    checkBuilt(options.installation());
    DataDirectory data = DataDirectory.open(options.data());
    Stack stack = new Stack(options, progress, data);
    try {
      opened.accept(stack);
      stack.open();
      return stack;
    } catch (PostgresException e) {
      stack.close();
      throw new StartException(e.getMessage(), e);
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  /** What runs, as it is in {@code run/state.json}. */
  public synchronized StackState state() {
    Ports ports = options.ports();
    Map<String, String> addresses = new LinkedHashMap<>();
    for (Service service : Service.values()) {
      addresses.put(service.key(), service.url(ports));
    }
    addresses.put("gatewayTls", "https://127.0.0.1:" + ports.gatewayTls());
    addresses.put("identity", "http://127.0.0.1:" + ports.identity());
    List<ProcessMark> marks = new ArrayList<>();
    for (SupervisedProcess process : processes) {
      process
          .pid()
          .ifPresent(
              pid ->
                  ProcessHandle.of(pid)
                      .ifPresent(handle -> marks.add(ProcessMark.of(process.name(), handle))));
    }
    StackState.Source source =
        options
            .source()
            .map(s -> new StackState.Source(false, s.jdbcUrl(), null, null))
            .orElseGet(
                () ->
                    new StackState.Source(
                        true,
                        "jdbc:postgresql://127.0.0.1:" + ports.postgres() + "/app",
                        PostgresCluster.Role.APP.roleName(),
                        postgres == null ? null : postgres.password(PostgresCluster.Role.APP)));
    return new StackState(
        StackState.VERSION,
        status,
        ProcessMark.of("supervisor", ProcessHandle.current()),
        marks,
        addresses,
        demoPassword,
        source,
        startedAt);
  }

  /** The sample backend, unless the source is not ours. */
  public Optional<SampleBackend> backend() {
    return Optional.ofNullable(backend);
  }

  /** Changes a second that the sample backend's users make. */
  public double traffic() {
    return traffic == null ? 0 : options.traffic();
  }

  /** Stops everything, in reverse order. Later calls do nothing. */
  @Override
  public void close() {
    List<SupervisedProcess> running;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      status = "stopping";
      running = new ArrayList<>(processes);
    }
    saveState();
    if (traffic != null) {
      traffic.close();
    }
    for (int i = running.size() - 1; i >= 0; i--) {
      progress.accept("stopping " + running.get(i).name());
      running.get(i).stop();
    }
    if (identity != null) {
      identity.close();
    }
    try {
      StackState.remove(data.root());
    } catch (IOException e) {
      progress.accept("run/state.json cannot be removed: " + e.getMessage());
    }
    data.close();
  }

  private void open() {
    stopLeftovers();
    options.ports().check(true);
    saveState();
    startPostgres();
    startIdentity();
    Database source = prepareSource();
    startServices(source);
    if (backend != null && options.traffic() > 0) {
      traffic = backend.startTraffic(options.traffic(), startedAt.toEpochMilli());
    }
    synchronized (this) {
      if (closed) {
        throw new StartException("stopped while starting");
      }
      status = "ready";
    }
    saveState();
  }

  /** Ends what a supervisor that was killed could not end. */
  private void stopLeftovers() {
    try {
      Optional<StackState> earlier = StackState.read(data.root());
      if (earlier.isEmpty()) {
        return;
      }
      StackStopper.stopChildren(earlier.get(), progress);
      StackState.remove(data.root());
    } catch (IOException e) {
      throw new StartException(
          "The state of an earlier start cannot be read: " + e.getMessage(), e);
    }
  }

  private void startPostgres() {
    long from = System.nanoTime();
    boolean fresh = !Files.exists(data.postgres());
    postgres = new PostgresCluster(data.postgres(), programs(), options.ports().postgres());
    postgres.prepare();
    SupervisedProcess process =
        supervise(
            new ProcessSpec(
                "postgres",
                postgres.command(),
                ServiceEnvironment.base(),
                data.root(),
                data.logs().resolve("postgres.log"),
                "INT",
                Duration.ofSeconds(30),
                postgres::releaseFromEarlierOwner,
                postgres::isReady));
    process.awaitReady(POSTGRES_READY);
    try {
      postgres.provision();
    } catch (SQLException e) {
      throw new StartException("PostgreSQL's databases cannot be made: " + e.getMessage(), e);
    }
    ready(fresh ? "postgres (new)" : "postgres", from);
  }

  private void startIdentity() {
    Map<String, String> secrets = new LinkedHashMap<>();
    for (Service service : Service.values()) {
      secrets.put(service.processName(), Secrets.token());
    }
    Ports ports = options.ports();
    Set<URI> redirects =
        Set.of(
            URI.create("http://127.0.0.1:" + ports.gateway() + "/"),
            URI.create("http://localhost:" + ports.gateway() + "/"),
            URI.create("https://127.0.0.1:" + ports.gatewayTls() + "/"),
            URI.create("https://localhost:" + ports.gatewayTls() + "/"));
    Set<URI> callbacks =
        Set.of(
            URI.create("https://127.0.0.1:" + ports.gatewayTls() + "/oauth2/callback"),
            URI.create("https://localhost:" + ports.gatewayTls() + "/oauth2/callback"));
    clientSecrets.putAll(secrets);
    try {
      identity =
          IdentityProvider.start(
              new IdentityProvider.Settings(
                  ports.identity(), demoPassword, secrets, redirects, callbacks));
    } catch (UncheckedIOException e) {
      throw new StartException("The identity provider does not start: " + e.getMessage(), e);
    }
  }

  private Database prepareSource() {
    if (options.source().isPresent()) {
      SourceAddress source = options.source().get();
      return new Database(source.jdbcUrl(), source.username(), source.password());
    }
    PostgresCluster.Role app = PostgresCluster.Role.APP;
    Database source = new Database(postgres.jdbcUrl(app), app.roleName(), postgres.password(app));
    backend = new SampleBackend(source.jdbcUrl(), source.username(), source.password());
    try {
      backend.createTables();
      if (!backend.isSeeded() && options.sample().rows() > 0) {
        long from = System.nanoTime();
        long rows =
            backend.seed(options.sample()).values().stream().mapToLong(Long::longValue).sum();
        progress.accept(
            "sample source filled: %,d rows of %d tenants (%.1f s)"
                .formatted(rows, options.sample().tenants(), (System.nanoTime() - from) / 1e9));
      }
    } catch (SQLException e) {
      throw new StartException("The sample source cannot be filled: " + e.getMessage(), e);
    }
    return source;
  }

  private void startServices(Database source) {
    GatewayCertificate.ensure(data.tls());
    PostgresCluster.Role role = PostgresCluster.Role.LAKEGATE;
    Database control =
        new Database(postgres.jdbcUrl(role), role.roleName(), postgres.password(role));
    long from = System.nanoTime();
    ServiceJava java = ServiceJava.of(System.getenv());
    Map<Service, SupervisedProcess> started = new LinkedHashMap<>();
    for (Service service : Service.values()) {
      Path work = data.work(service.processName());
      Path scratch = work.resolve("tmp");
      Path application = application(options.installation(), service);
      String url = service.url(options.ports());
      started.put(
          service,
          supervise(
              new ProcessSpec(
                  service.processName(),
                  java.command(service.processName(), scratch, application),
                  ServiceEnvironment.of(
                      service,
                      options,
                      data,
                      identity.issuer(),
                      clientSecrets.get(service.processName()),
                      control,
                      source),
                  data.root(),
                  data.logs().resolve(service.processName() + ".log"),
                  "TERM",
                  java.stopPatience(),
                  () -> emptyDirectory(scratch),
                  () -> answers(url + "/q/health/ready"))));
    }
    started.forEach(
        (service, process) -> {
          process.awaitReady(SERVICE_READY);
          ready(service.processName(), from);
        });
  }

  private SupervisedProcess supervise(ProcessSpec spec) {
    SupervisedProcess process = new SupervisedProcess(spec, progress, this::saveState);
    synchronized (this) {
      if (closed) {
        throw new StartException("stopped while starting");
      }
      processes.add(process);
    }
    process.start();
    return process;
  }

  private void saveState() {
    synchronized (this) {
      try {
        state().write(data.root());
      } catch (IOException e) {
        progress.accept("run/state.json cannot be written: " + e.getMessage());
      }
    }
  }

  private void ready(String name, long from) {
    progress.accept("%s is ready (%.1f s)".formatted(name, (System.nanoTime() - from) / 1e9));
  }

  private boolean answers(String url) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(3)).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void checkBuilt(Path installation) {
    List<Path> missing = new ArrayList<>();
    for (Service service : Service.values()) {
      missing.add(application(installation, service));
    }
    missing.add(installation.resolve("transform-service/jobs/target/jobs.args"));
    missing.removeIf(Files::exists);
    if (!missing.isEmpty()) {
      throw new StartException(
          "Lakegate is not built completely; missing: "
              + missing.get(0)
              + ". Start it with ./lakegate, which builds what is missing.");
    }
  }

  /** Unpacked once per installation where that can be written, otherwise per data directory. */
  private Path programs() {
    Path built = options.installation().resolve("laptop/target");
    return (Files.isWritable(built) ? built : data.root()).resolve("programs");
  }

  private static Path application(Path installation, Service service) {
    return installation
        .resolve(service.processName())
        .resolve("target/quarkus-app/quarkus-run.jar");
  }

  /** A process that was killed leaves its scratch files; DuckDB's library alone is 60 MB. */
  private static void emptyDirectory(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> paths = Files.walk(directory)) {
        for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
          Files.deleteIfExists(path);
        }
      }
    }
    Files.createDirectories(directory);
  }
}
