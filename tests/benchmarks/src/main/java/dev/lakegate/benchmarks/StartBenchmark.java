package dev.lakegate.benchmarks;

import dev.lakegate.laptop.supervisor.StackState;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What each service costs to start and at rest: on Java 17 as on the laptop, on Java 25, and on
 * Java 25 with the AOT cache of the images. Each service is ended in a Lakegate that is up, and its
 * supervisor starts it again; from the new process on until it says that it is ready count seconds
 * and processor seconds. Linux only, since it reads {@code /proc}.
 */
final class StartBenchmark implements Benchmarks.Benchmark {
  private static final int ROUNDS = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration REST = Duration.ofSeconds(20);
  private static final int TICKS_PER_SECOND = 100;

  /** Names in the state file, and their ports' variables. */
  private static final Map<String, String> SERVICES =
      Map.of(
          "governance-service", "governance",
          "ingest-service", "ingest",
          "transform-service", "transform",
          "query-gateway", "gateway");

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  /** How the services are run. */
  private record Way(String name, Path installation, Path java, String options) {}

  /** One start: seconds and processor seconds until ready, megabytes some time after. */
  private record Start(double seconds, double processor, double resident, double anonymous) {}

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    int rounds = options.rounds().orElse(ROUNDS);
    Path root = Path.of(System.getProperty("lakegate.basedir")).toAbsolutePath().normalize();
    Path java17 = Path.of(System.getProperty("java.home"), "bin", "java");
    Optional<Path> java25 = java25();
    if (java25.isEmpty()) {
      System.out.println(
          "Skipped: there is no Java 25 here. Install one (https://adoptium.net) or name it:"
              + " LAKEGATE_JAVA_25=/path/to/jdk");
      return;
    }
    System.out.printf(
        "%d starts of each service; resident memory %d s after; %d processors%n",
        rounds, REST.toSeconds(), Runtime.getRuntime().availableProcessors());
    Path work = Files.createTempDirectory("lakegate-start");
    try {
      Path packed = packed(root, work.resolve("installation"));
      Path java = java25.get().resolve("bin/java");
      Path caches = work.resolve("caches");
      must(
          Duration.ofMinutes(15),
          packed,
          Map.of(),
          packed.resolve("deploy/images/train.sh").toString(),
          java25.get().toString(),
          caches.toString());
      Map<String, List<Start>> baseline = null;
      for (Way way :
          List.of(
              new Way("Java 17", root, java17, ""),
              new Way("Java 25", root, java, ""),
              new Way(
                  "Java 25, AOT cache",
                  packed,
                  java,
                  "-XX:AOTCache=" + caches + "/{service}.aot"))) {
        Map<String, List<Start>> starts = measure(way, work.resolve("data"), rounds);
        print(way, starts, baseline);
        baseline = baseline == null ? starts : baseline;
      }
    } finally {
      BenchSource.delete(work);
    }
  }

  /** Named by a variable, or among what is usually installed. */
  private static Optional<Path> java25() throws IOException {
    String named = System.getenv("LAKEGATE_JAVA_25");
    if (named != null && !named.isBlank()) {
      return Optional.of(Path.of(named));
    }
    Path usual = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(usual)) {
      return Optional.empty();
    }
    try (Stream<Path> found = Files.list(usual)) {
      return found
          .filter(p -> p.getFileName().toString().matches(".*(^|\\D)25(\\D|$).*"))
          .filter(p -> Files.isExecutable(p.resolve("bin/java")))
          .sorted()
          .findFirst();
    }
  }

  /** The installation once more, with services packed for the cache as in the images. */
  private static Path packed(Path root, Path to) throws Exception {
    must(
        Duration.ofMinutes(15),
        root,
        Map.of(),
        "./mvnw",
        "-q",
        "-B",
        "-pl",
        "governance-service,ingest-service,transform-service,query-gateway",
        "-am",
        "package",
        "-DskipTests",
        "-Dquarkus.package.jar.type=aot-jar",
        "-Dquarkus.package.output-directory=aot-app");
    Files.createDirectories(to);
    for (String service : SERVICES.keySet()) {
      Files.createDirectories(to.resolve(service).resolve("target"));
      Files.createSymbolicLink(
          to.resolve(service).resolve("target/quarkus-app"),
          root.resolve(service).resolve("target/aot-app"));
    }
    for (String shared :
        List.of("laptop", "lakehouse", "deploy", "transform-service/jobs", "mvnw")) {
      Files.createSymbolicLink(to.resolve(shared), root.resolve(shared));
    }
    // Not a link: the script takes the place of what a link leads to for the project's root.
    Files.copy(
        root.resolve("lakegate"),
        to.resolve("lakegate"),
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    return to;
  }

  private Map<String, List<Start>> measure(Way way, Path data, int rounds) throws Exception {
    Map<String, String> environment = new LinkedHashMap<>(ports());
    environment.put("LAKEGATE_BUILD", "never");
    environment.put("LAKEGATE_SERVICE_JAVA", way.java().toString());
    environment.put("LAKEGATE_SERVICE_JAVA_OPTIONS", way.options());
    String lakegate = way.installation().resolve("lakegate").toString();
    Map<String, List<Start>> starts = new LinkedHashMap<>();
    must(
        Duration.ofMinutes(10),
        way.installation(),
        environment,
        lakegate,
        "up",
        "--detach",
        "--traffic",
        "0",
        "--data",
        data.toString());
    try {
      for (String service : SERVICES.keySet().stream().sorted().toList()) {
        for (int round = 0; round < rounds; round++) {
          starts.computeIfAbsent(service, s -> new ArrayList<>()).add(start(data, service));
        }
      }
    } finally {
      must(
          Duration.ofMinutes(5),
          way.installation(),
          environment,
          lakegate,
          "down",
          "--data",
          data.toString());
      BenchSource.delete(data);
    }
    return starts;
  }

  private Start start(Path data, String service) throws Exception {
    StackState.ProcessMark old = mark(data, service);
    String ready =
        StackState.read(data).orElseThrow().address(SERVICES.get(service)) + "/q/health/ready";
    old.find().orElseThrow().destroy();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (mark(data, service).pid() == old.pid()) {
      pause(end, service);
    }
    StackState.ProcessMark fresh = mark(data, service);
    while (!answers(ready)) {
      pause(end, service);
    }
    double seconds = (System.currentTimeMillis() - fresh.startedAtMillis()) / 1000.0;
    double processor = processorSeconds(fresh.pid());
    Thread.sleep(REST.toMillis());
    return new Start(
        seconds, processor, megabytes(fresh.pid(), "VmRSS"), megabytes(fresh.pid(), "RssAnon"));
  }

  private static StackState.ProcessMark mark(Path data, String service) throws IOException {
    return StackState.read(data).orElseThrow().processes().stream()
        .filter(p -> p.name().equals(service))
        .findFirst()
        .orElseThrow();
  }

  private static void pause(long end, String what) throws InterruptedException {
    if (System.nanoTime() > end) {
      throw new IllegalStateException(what + " was not ready again in time");
    }
    TimeUnit.MILLISECONDS.sleep(5);
  }

  private boolean answers(String address) throws InterruptedException {
    try {
      return http.send(
                  HttpRequest.newBuilder(URI.create(address))
                      .timeout(Duration.ofSeconds(5))
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static double processorSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / (double) TICKS_PER_SECOND;
  }

  private static double megabytes(long pid, String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("/proc/" + pid + "/status has no " + field);
  }

  private static Map<String, String> ports() throws IOException {
    Map<String, String> ports = new LinkedHashMap<>();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (String name :
          List.of(
              "GATEWAY",
              "GATEWAY_TLS",
              "INGEST",
              "TRANSFORM",
              "GOVERNANCE",
              "IDENTITY",
              "POSTGRES")) {
        ServerSocket socket = new ServerSocket(0);
        held.add(socket);
        ports.put("LAKEGATE_" + name + "_PORT", String.valueOf(socket.getLocalPort()));
      }
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
    return ports;
  }

  private static void must(
      Duration patience, Path directory, Map<String, String> environment, String... command)
      throws Exception {
    Path output = Files.createTempFile("lakegate-start", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " takes too long");
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(
            String.join(" ", command) + " failed:\n" + Files.readString(output));
      }
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static void print(
      Way way, Map<String, List<Start>> starts, Map<String, List<Start>> baseline) {
    starts.forEach(
        (service, of) -> {
          double processor = Figures.median(of.stream().map(Start::processor).toList());
          String ratio =
              baseline == null
                  ? ""
                  : String.format(
                      Locale.ROOT,
                      ", %.2f of Java 17's",
                      processor
                          / Figures.median(
                              baseline.get(service).stream().map(Start::processor).toList()));
          System.out.printf(
              "%s, %s: ready after %s s; processor seconds %s%s; resident MB %s, of them its own"
                  + " %s%n",
              way.name(),
              service,
              Figures.spread(of.stream().map(Start::seconds).toList()),
              Figures.spread(of.stream().map(Start::processor).toList()),
              ratio,
              Figures.spread(of.stream().map(Start::resident).toList()),
              Figures.spread(of.stream().map(Start::anonymous).toList()));
        });
  }
}
