package dev.lakegate.terraform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Runs Terraform on a copy of {@code terraform/} and {@code lakehouse/}, without an account:
 * nothing is left in the working tree, and nothing is asked of AWS.
 *
 * <p>The binary is the one named by {@code LAKEGATE_TERRAFORM}, or on the path. The provider comes
 * from the directory that {@code LAKEGATE_TERRAFORM_PLUGINS} names, from a plugin directory in one
 * of the usual places, or from the registry. Where one of the two is missing, tests are skipped and
 * say so, or fail when {@code LAKEGATE_TERRAFORM_REQUIRED} is {@code true}, as it is in CI.
 */
final class Terraform {
  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final String PROVIDER = "registry.terraform.io/hashicorp/aws";

  private static Terraform shared;
  private static String missing;

  private final Path binary;
  private final Optional<Path> plugins;
  private final Path copy;

  private Terraform(Path binary, Optional<Path> plugins, Path copy) {
    this.binary = binary;
    this.plugins = plugins;
    this.copy = copy;
  }

  /** What came of a command. */
  record Outcome(int exitCode, String output) {}

  /** The one copy that all tests of this process share. */
  static synchronized Terraform shared() {
    if (missing != null) {
      skip(missing);
    }
    if (shared == null) {
      Optional<Path> binary = binary();
      if (binary.isEmpty()) {
        skip(
            "there is no terraform on the path: see https://developer.hashicorp.com/terraform/install");
      }
      shared = new Terraform(binary.get(), plugins(), copy());
    }
    return shared;
  }

  /** The repository. */
  static Path repository() {
    return Path.of(System.getProperty("lakegate.basedir", "../..")).toAbsolutePath().normalize();
  }

  /** The copy of {@code terraform/}. */
  Path directory() {
    return copy.resolve("terraform");
  }

  /** Makes a directory below the copy ready; skips when no provider can be had. */
  void initialise(String directory) {
    List<String> arguments = new ArrayList<>(List.of("init", "-input=false", "-no-color"));
    plugins.ifPresent(path -> arguments.add("-plugin-dir=" + path));
    Outcome outcome = run(directory, arguments.toArray(String[]::new));
    if (outcome.exitCode() != 0
        && (outcome.output().contains("could not connect to registry")
            || outcome.output().contains("Failed to query available provider packages"))) {
      skip(
          "the provider hashicorp/aws cannot be had from the registry, and LAKEGATE_TERRAFORM_PLUGINS"
              + " names no directory that holds it");
    }
    assertThat(outcome.exitCode()).as(outcome.output()).isZero();
  }

  /** Runs a command in a directory below the copy. */
  Outcome run(String directory, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(binary.toString());
    command.addAll(List.of(arguments));
    try {
      Path log = Files.createTempFile(copy, "terraform", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory().resolve(directory).toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      environment(builder.environment());
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            "did not end in " + PATIENCE + ": " + command + "\n" + Files.readString(log));
      }
      return new Outcome(process.exitValue(), Files.readString(log));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void environment(Map<String, String> environment) throws IOException {
    // Whatever this machine knows about real accounts must not be used.
    environment.keySet().removeIf(name -> name.startsWith("AWS_") && !name.equals("AWS_CA_BUNDLE"));
    environment
        .keySet()
        .removeIf(name -> name.startsWith("TF_VAR_") || name.startsWith("TF_CLI_ARGS"));
    environment.put("AWS_ACCESS_KEY_ID", "made-up");
    environment.put("AWS_SECRET_ACCESS_KEY", "made-up");
    environment.put("AWS_EC2_METADATA_DISABLED", "true");
    environment.put("TF_IN_AUTOMATION", "true");
    environment.put("CHECKPOINT_DISABLE", "true");
    String configuration = environment.get("TF_CLI_CONFIG_FILE");
    if (configuration != null && !Files.isReadable(Path.of(configuration))) {
      environment.remove("TF_CLI_CONFIG_FILE");
    }
    if (plugins.isEmpty()) {
      Path cache = copy.resolveSibling("terraform-plugins");
      Files.createDirectories(cache);
      environment.putIfAbsent("TF_PLUGIN_CACHE_DIR", cache.toString());
    }
  }

  private static Optional<Path> binary() {
    String named = System.getenv("LAKEGATE_TERRAFORM");
    if (named != null && !named.isBlank()) {
      return Optional.of(Path.of(named)).filter(Files::isExecutable);
    }
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(entry -> !entry.isBlank())
        .map(entry -> Path.of(entry, "terraform"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** A directory laid out as {@code terraform init -plugin-dir} wants it. */
  private static Optional<Path> plugins() {
    String named = System.getenv("LAKEGATE_TERRAFORM_PLUGINS");
    if (named != null && !named.isBlank()) {
      return Optional.of(Path.of(named).toAbsolutePath());
    }
    String configuration = System.getenv("TF_CLI_CONFIG_FILE");
    if (configuration != null && Files.isReadable(Path.of(configuration))) {
      // It says where providers come from.
      return Optional.empty();
    }
    List<Path> places = new ArrayList<>();
    places.add(Path.of(System.getProperty("user.home"), ".terraform.d", "plugins"));
    places.add(Path.of("/usr/local/share/terraform/plugins"));
    places.add(Path.of("/usr/share/terraform/plugins"));
    try (Stream<Path> optional = Files.list(Path.of("/opt"))) {
      optional.sorted().forEach(places::add);
    } catch (IOException e) {
      // A system without /opt.
    }
    return places.stream().filter(place -> Files.isDirectory(place.resolve(PROVIDER))).findFirst();
  }

  private static Path copy() {
    Path repository = repository();
    try {
      Path target = repository.resolve("tests/terraform/target");
      Files.createDirectories(target);
      removeFormerCopies(target);
      Path copy = Files.createTempDirectory(target, "estate");
      for (String directory : List.of("terraform", "lakehouse")) {
        try (Stream<Path> files = Files.walk(repository.resolve(directory))) {
          for (Path file : (Iterable<Path>) files::iterator) {
            Path relative = repository.relativize(file);
            if (Stream.of(relative.toString().split("/")).anyMatch(Terraform::local)) {
              continue;
            }
            Path to = copy.resolve(relative.toString());
            if (Files.isDirectory(file)) {
              Files.createDirectories(to);
            } else {
              Files.copy(file, to);
            }
          }
        }
      }
      for (String environment : List.of("dev", "prod")) {
        // State in a file instead of S3.
        Files.writeString(
            copy.resolve("terraform/environments/" + environment + "/backend_override.tf"),
            "terraform {\n  backend \"local\" {}\n}\n");
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removeFormerCopies(Path target) throws IOException {
    try (DirectoryStream<Path> copies = Files.newDirectoryStream(target, "estate*")) {
      for (Path copy : copies) {
        try (Stream<Path> files = Files.walk(copy)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }
  }

  /** What Terraform or a person keeps beside the sources. */
  private static boolean local(String name) {
    return name.equals(".terraform")
        || name.equals(".terraform.lock.hcl")
        || name.equals("terraform.tfvars")
        || name.contains(".tfstate")
        || name.endsWith("_override.tf");
  }

  private static void skip(String reason) {
    missing = reason;
    String message = "NOT TESTED: the Terraform estate, because " + reason + ".";
    if (Boolean.parseBoolean(System.getenv("LAKEGATE_TERRAFORM_REQUIRED"))) {
      throw new AssertionError(message);
    }
    System.err.println("\n" + "*".repeat(message.length()) + "\n" + message);
    System.err.println("*".repeat(message.length()) + "\n");
    Assumptions.abort(message);
  }
}
