package dev.lakegate.gateway.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.query.GatewayResource;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.json.Json;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trino's command line and its client for Node, as processes. */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = GatewayResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = TlsResource.class, restrictToAnnotatedClass = true)
class TrinoCliTest {
  TestIssuer issuer;
  TlsResource tls;

  @TestHTTPResource(value = "/", tls = true)
  URL gateway;

  @TempDir Path directory;

  @BeforeEach
  void ready() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (RestAssured.get("/q/health/ready").statusCode() != 200) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private record Output(int code, String out, String err) {}

  private List<String> command(String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Drivers.CLIENTS.resolve("trino-cli-476-executable.jar").toString(),
                "--server",
                "https://localhost:" + gateway.getPort(),
                "--truststore-path",
                tls.certificate.toString(),
                "--access-token",
                issuer.tenantAnalyst("tenant-1"),
                "--user",
                "analyst@tenant-1",
                "--catalog",
                "lakehouse",
                "--schema",
                "gold"));
    command.addAll(List.of(options));
    return command;
  }

  private Output cli(String... options) throws IOException, InterruptedException {
    List<String> command = command(options);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process p =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(p.waitFor(90, TimeUnit.SECONDS)).isTrue();
    return new Output(
        p.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  @Test
  void shouldRunStatementsOfASessionAndShowProgress() throws Exception {
    Output o =
        cli(
            "--output-format",
            "CSV_HEADER_UNQUOTED",
            "--progress",
            "--execute",
            "USE lakehouse.gold; SET SESSION query_max_run_time = '1m';"
                + " SELECT tenant_id, count(*) AS n FROM revenue_metrics GROUP BY tenant_id;"
                + " PREPARE p FROM SELECT sum(order_count) + ? AS s FROM revenue_metrics;"
                + " EXECUTE p USING 1; SHOW TABLES LIKE 'rev%'");
    assertThat(o.err()).doesNotContain("Query failed");
    assertThat(o.out())
        .contains("tenant_id,n\ntenant-1,10\n")
        .contains("s\n56\n")
        .contains("revenue_metrics");
    assertThat(o.out() + o.err()).contains("FINISHED, 1 node").contains("100.00%");
    assertThat(o.code()).isZero();
  }

  /** At a terminal, which {@code script} gives it, the client draws a bar while it waits. */
  @Test
  void shouldDrawItsProgressBarAtATerminal() throws Exception {
    Path script = Path.of("/usr/bin/script");
    assumeTrue(Files.isExecutable(script), "there is no 'script' to give the client a terminal");
    String sql =
        "SELECT sum(a * b % 7) AS s FROM UNNEST(sequence(1, 10000)) AS x(a)"
            + " CROSS JOIN UNNEST(sequence(1, 10000)) AS y(b)";
    String line =
        command("--progress", "--execute", sql).stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    Path out = directory.resolve("terminal");
    ProcessBuilder builder =
        new ProcessBuilder(
                script.toString(), "-qefc", "stty cols 120 rows 40; " + line, "/dev/null")
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("TERM", "xterm");
    Process p = builder.start();
    assertThat(p.waitFor(90, TimeUnit.SECONDS)).isTrue();
    String shown = Files.readString(out, StandardCharsets.UTF_8);
    assertThat(shown)
        .containsPattern("RUNNING \\[.*\\] +\\d+%|\\[[=> ]*[=>][=> ]*\\] *\\d+%")
        .contains("RUNNING");
    assertThat(shown).contains("FINISHED, 1 node");
    assertThat(p.exitValue()).isZero();
  }

  @Test
  void shouldShowErrorsWithTheirPlace() throws Exception {
    Output o = cli("--execute", "SELECT no_such FROM revenue_metrics");
    assertThat(o.code()).isNotZero();
    assertThat(o.err()).contains("line 1:8").contains("no_such");
  }

  /** {@code ./lakegate test} fetches it when there is a Node. */
  private JsonNode node(String sql) throws IOException, InterruptedException {
    Path client = Path.of("target/node-client").toAbsolutePath();
    assumeTrue(
        Files.isDirectory(client.resolve("node_modules/trino-client")),
        "Trino's client for Node was not fetched: './lakegate test' does that when there are node"
            + " and npm and their registry answers");
    Path out = directory.resolve("node.out");
    ProcessBuilder builder =
        new ProcessBuilder("node", "client.mjs")
            .directory(client.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "GATEWAY",
                "https://localhost:" + gateway.getPort(),
                "CERTIFICATE",
                tls.certificate.toString(),
                "ACCESS_TOKEN",
                issuer.tenantAnalyst("tenant-1"),
                "SQL",
                sql));
    Process p = builder.start();
    assertThat(p.waitFor(90, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(out, StandardCharsets.UTF_8);
    assertThat(text).startsWith("{");
    return Json.read(text, JsonNode.class);
  }

  @Test
  void shouldAnswerTheClientForNode() throws Exception {
    JsonNode own =
        node("SELECT DISTINCT tenant_id, CAST(1.5 AS decimal(3,1)) AS d FROM revenue_metrics");
    assertThat(own.path("columns").toString())
        .isEqualTo("[\"tenant_id varchar\",\"d decimal(3,1)\"]");
    assertThat(own.path("first").toString()).isEqualTo("[[\"tenant-1\",\"1.5\"]]");
    JsonNode many =
        node(
            "SELECT a, b FROM UNNEST(sequence(1, 50)) AS x(a)"
                + " CROSS JOIN UNNEST(sequence(1, 1000)) AS y(b)");
    assertThat(many.path("rows").asInt()).as("over many pages: %s", many).isEqualTo(50_000);
    assertThat(node("SELECT no_such FROM revenue_metrics").path("error").asText())
        .isEqualTo("COLUMN_NOT_FOUND");
  }
}
