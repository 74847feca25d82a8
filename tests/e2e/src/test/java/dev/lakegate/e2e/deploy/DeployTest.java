package dev.lakegate.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be known of images and stack without a Docker engine. */
class DeployTest {
  private static final Path ROOT = Dashboards.root();
  private static final Path DEPLOY = ROOT.resolve("deploy");
  private static final List<String> SERVICES =
      List.of("ingest-service", "transform-service", "query-gateway", "governance-service");

  @TempDir Path directory;

  @Test
  void portsAreThoseOfTheServices() throws Exception {
    String build = Files.readString(DEPLOY.resolve("images/build.sh"));
    String scraped = Files.readString(DEPLOY.resolve("monitoring/prometheus/prometheus.yml"));
    for (String service : SERVICES) {
      String properties =
          Files.readString(ROOT.resolve(service + "/src/main/resources/application.properties"));
      String port = first(properties, "(?m)^quarkus\\.http\\.port=(\\d+)$").orElse("8081");
      assertThat(build).contains(service + ") echo " + port);
      assertThat(scraped).contains("\"" + service + ":" + port + "\"");
    }
  }

  @Test
  void whatTheImagesAndTheStackTellServicesIsDocumented() throws Exception {
    String known =
        Files.readString(ROOT.resolve("docs/INTERFACES.md"))
            + Files.readString(ROOT.resolve("terraform/README.md"));
    Set<String> documented = new TreeSet<>();
    Matcher row = Pattern.compile("(?m)^\\|([^|]*)\\|").matcher(known);
    while (row.find()) {
      String base = "";
      Matcher name = Pattern.compile("`([^`]+)`").matcher(row.group(1));
      while (name.find()) {
        String setting = name.group(1);
        if (setting.startsWith(".") || setting.startsWith("_")) {
          // The end of the one before, replaced: from any of its parts on.
          for (int i = base.length() - 1; i > 0; i--) {
            if (base.charAt(i) == setting.charAt(0)) {
              documented.add(variable(base.substring(0, i) + setting));
            }
          }
        } else {
          base = setting;
          documented.add(variable(setting));
        }
      }
    }
    Set<String> told = new TreeSet<>();
    for (Path file :
        List.of(
            DEPLOY.resolve("images/Dockerfile"),
            DEPLOY.resolve("compose/compose.yaml"),
            ROOT.resolve("terraform/services.tf"))) {
      // The gateway does not start with it: it reads values that clients can forge.
      assertThat(Files.readString(file)).doesNotContain("QUARKUS_HTTP_PROXY");
      Matcher variable =
          Pattern.compile("(?m)^\\s+(LAKEGATE_[A-Z_]+)(?:\\s*=|:\\s)")
              .matcher(Files.readString(file));
      while (variable.find()) {
        told.add(variable.group(1));
      }
    }
    assertThat(told).contains("LAKEGATE_STORAGE_ROOT", "LAKEGATE_JOBS_JAVA");
    assertThat(documented).containsAll(told);
  }

  private static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  @Test
  void imagesOfOthersAreNamedToTheVersionAndRunWithoutRights() throws Exception {
    Map<?, ?> compose = (Map<?, ?>) Yaml.read(DEPLOY.resolve("compose/compose.yaml"));
    Map<?, ?> services = (Map<?, ?>) compose.get("services");
    for (Map.Entry<?, ?> e : services.entrySet()) {
      String image = (String) ((Map<?, ?>) e.getValue()).get("image");
      assertThat(image)
          .as(e.getKey().toString())
          .matches(".*:(v?\\d+(\\.\\d+)+.*|\\$\\{LAKEGATE_TAG:-dev})");
      Object ports = ((Map<?, ?>) e.getValue()).get("ports");
      if (ports != null) {
        assertThat((List<?>) ports)
            .as(e.getKey() + " must be reached from this machine alone")
            .allSatisfy(p -> assertThat(p.toString()).startsWith("127.0.0.1:"));
      }
    }
    assertThat(services.keySet().toString()).contains(SERVICES);
    String dockerfile = Files.readString(DEPLOY.resolve("images/Dockerfile"));
    assertThat(dockerfile.lines().filter(l -> l.startsWith("ARG J")))
        .hasSize(3)
        .allSatisfy(l -> assertThat(l).matches("ARG J\\w+=.*:\\d+[._]\\d+.*"));
    assertThat(dockerfile.split("FROM ", -1)[dockerfile.split("FROM ", -1).length - 1])
        .contains("USER 10001:10001");
  }

  @Test
  void noPasswordStandsInTheStack() throws Exception {
    for (String line : Files.readAllLines(DEPLOY.resolve("compose/compose.yaml"))) {
      if (line.matches(".*(PASSWORD|SECRET)\\w*:.*")) {
        assertThat(line).matches(".*: \\$\\{\\w+:\\?set it in \\.env}");
      }
    }
    assertThat(Files.readAllLines(DEPLOY.resolve("compose/.env.example")))
        .noneMatch(l -> l.matches("[A-Z_]*(PASSWORD|SECRET)=.+"));
    JsonNode realm = Dashboards.read(DEPLOY.resolve("compose/keycloak/lakegate-realm.json"));
    realm.findValues("secret").forEach(s -> assertThat(s.asText()).matches("\\$\\{[A-Z]+_SECRET}"));
    for (JsonNode user : realm.path("users")) {
      assertThat(user.path("credentials").path(0).path("value").asText())
          .isEqualTo("${DEMO_PASSWORD}");
    }
  }

  @Test
  void theFileOfPasswordsIsNeitherCommittedNorBuiltInto() throws Exception {
    assertThat(Files.readAllLines(ROOT.resolve(".gitignore"))).contains(".env");
    assertThat(Files.readAllLines(ROOT.resolve(".dockerignore"))).contains("**/.env");
  }

  @Test
  void servicesHavePasswordsOfTheirOwn() throws Exception {
    Map<?, ?> compose = (Map<?, ?>) Yaml.read(DEPLOY.resolve("compose/compose.yaml"));
    Set<Object> passwords = new TreeSet<>();
    for (String service : List.of("ingest-service", "transform-service", "governance-service")) {
      Map<?, ?> definition = (Map<?, ?>) ((Map<?, ?>) compose.get("services")).get(service);
      passwords.add(((Map<?, ?>) definition.get("environment")).get("LAKEGATE_CONTROL_PASSWORD"));
    }
    assertThat(passwords).hasSize(3);
  }

  /** Or a user could make themselves an analyst of whatever they like. */
  @Test
  void tenantsAndTierAreTheAdministratorsToSet() throws Exception {
    JsonNode realm = Dashboards.read(DEPLOY.resolve("compose/keycloak/lakegate-realm.json"));
    JsonNode profile =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(realm.findValue("kc.user.profile.config").path(0).asText());
    Set<String> claimed = new TreeSet<>();
    for (JsonNode scope : realm.path("clientScopes")) {
      for (JsonNode mapper : scope.path("protocolMappers")) {
        String attribute = mapper.path("config").path("user.attribute").asText();
        if (scope.path("name").asText().equals("lakegate") && !attribute.isEmpty()) {
          claimed.add(attribute);
        }
      }
    }
    assertThat(claimed).containsExactly("tenants", "tier");
    for (JsonNode attribute : profile.path("attributes")) {
      if (claimed.remove(attribute.path("name").asText())) {
        assertThat(attribute.path("permissions").path("edit")).hasToString("[\"admin\"]");
      }
    }
    assertThat(claimed).as("not declared").isEmpty();
    assertThat(realm.findValue("unmanagedAttributePolicy")).isNull();
  }

  /** As in the image: nothing of the build machine's is left in what the jobs start from. */
  @Test
  void theJobsAreGatheredWhole() throws Exception {
    Path to = directory.resolve("jobs");
    run(DEPLOY.resolve("images/collect-jobs.sh").toString(), to.toString(), "/opt/lakegate/jobs");
    List<String> gathered = Files.readAllLines(to.resolve("jobs.args"));
    List<String> built =
        Files.readAllLines(ROOT.resolve("transform-service/jobs/target/jobs.args"));
    assertThat(gathered).hasSameSizeAs(built);
    String path = gathered.stream().filter(l -> l.contains(".jar")).findFirst().orElseThrow();
    for (String entry : path.replace("\"", "").split(":")) {
      assertThat(entry).startsWith("/opt/lakegate/jobs/");
      assertThat(to.resolve(entry.substring("/opt/lakegate/jobs/".length()))).exists();
    }
    assertThat(to.resolve("classes/dev/lakegate/jobs/Main.class")).exists();
  }

  @Test
  void scriptsExplainThemselves() throws Exception {
    List<Path> scripts;
    try (Stream<Path> all = Files.walk(DEPLOY)) {
      scripts =
          all.filter(p -> p.toString().endsWith(".sh"))
              // PostgreSQL runs this one, nobody else.
              .filter(p -> !p.endsWith("10-roles.sh"))
              .toList();
    }
    assertThat(scripts).hasSizeGreaterThanOrEqualTo(5);
    for (Path script : scripts) {
      assertThat(run(script.toString(), "--help")).as(script.toString()).startsWith("Usage: ");
    }
  }

  @Test
  void composeTakesTheFile() throws Exception {
    if (!succeeds("docker", "compose", "version")) {
      System.err.println(
          "Skipped: whether Docker takes compose.yaml, because there is no docker compose here"
              + " (https://docs.docker.com/compose/install/).");
      Assumptions.abort("no docker compose");
    }
    Path env = directory.resolve(".env");
    List<String> filled = new ArrayList<>();
    for (String line : Files.readAllLines(DEPLOY.resolve("compose/.env.example"))) {
      filled.add(line.matches("[A-Z_]+=") ? line + "x" : line);
    }
    Files.write(env, filled);
    run(
        "docker",
        "compose",
        "--env-file",
        env.toString(),
        "-f",
        DEPLOY.resolve("compose/compose.yaml").toString(),
        "config",
        "--quiet");
  }

  private static java.util.Optional<String> first(String text, String pattern) {
    Matcher m = Pattern.compile(pattern).matcher(text);
    return m.find() ? java.util.Optional.of(m.group(1)) : java.util.Optional.empty();
  }

  private boolean succeeds(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("ignored").toFile())
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private String run(String... command) throws Exception {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as(String.join(" ", command)).isTrue();
    String said = Files.readString(output);
    assertThat(process.exitValue()).as(String.join(" ", command) + ": " + said).isZero();
    return said;
  }
}
