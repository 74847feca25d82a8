package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "sql",
    description = {
      "Run one query (Trino SQL) through the gateway, as a demo user.",
      "Exit code 0: rows were printed; 1: refused or failed; 3: Lakegate does not run.",
      ""
    })
final class SqlCommand implements Callable<Integer> {
  enum Format {
    table,
    csv,
    json
  }

  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Option(
      names = {"-u", "--user"},
      required = true,
      paramLabel = "USER",
      description = "Demo user: admin, engineer, analyst, analyst@TENANT, team@TIER.")
  private String user;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table (default), csv or json.")
  private Format format;

  @Parameters(paramLabel = "SQL", description = "The query.")
  private String sql;

  @Override
  public Integer call() {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      switch (format) {
        case table -> table(gateway, out);
        case csv -> csv(gateway, out);
        case json -> json(gateway, out);
      }
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      out.flush();
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }

  private void table(GatewayClient gateway, PrintWriter out) {
    AtomicReference<String> running = new AtomicReference<>();
    Thread cancel =
        new Thread(
            () -> {
              String id = running.get();
              if (id != null) {
                gateway.cancel(user, id);
              }
            });
    Runtime.getRuntime().addShutdownHook(cancel);
    JsonNode query;
    long count = 0;
    try {
      query = gateway.query(user, sql, running::set);
      List<JsonNode> columns = new ArrayList<>();
      query.path("columns").forEach(columns::add);
      List<String> header = columns.stream().map(c -> c.path("name").asText()).toList();
      boolean[] numeric = new boolean[columns.size()];
      for (int i = 0; i < numeric.length; i++) {
        numeric[i] =
            columns
                .get(i)
                .path("type")
                .asText()
                .matches("(tinyint|smallint|integer|bigint|real|double|decimal).*");
      }
      List<List<String>> page = texts(query.path("rows"));
      TextTable table = new TextTable(out, header, numeric, page);
      JsonNode next = query.path("next");
      while (true) {
        page.forEach(table::line);
        count += page.size();
        if (next.isNull() || next.isMissingNode()) {
          break;
        }
        JsonNode following = gateway.rows(user, running.get(), next.asText());
        page = texts(following.path("rows"));
        next = following.path("next");
      }
    } finally {
      running.set(null);
      try {
        Runtime.getRuntime().removeShutdownHook(cancel);
      } catch (IllegalStateException e) {
        // The process is ending already, and the hook runs.
      }
    }
    out.println("(" + count + (count == 1 ? " row)" : " rows)"));
    if (query.path("truncated").asBoolean()) {
      out.println("The result was cut off at the gateway's limit.");
    }
    query
        .path("notes")
        .forEach(note -> out.println("Note: " + note.path("message").asText(note.asText())));
  }

  private static List<List<String>> texts(JsonNode rows) {
    List<List<String>> texts = new ArrayList<>();
    for (JsonNode row : rows) {
      List<String> cells = new ArrayList<>();
      for (JsonNode cell : row) {
        cells.add(cell.isNull() ? "NULL" : cell.isValueNode() ? cell.asText() : cell.toString());
      }
      texts.add(cells);
    }
    return texts;
  }

  private void csv(GatewayClient gateway, PrintWriter out) {
    try (BufferedReader in = reader(gateway.stream(user, sql, "text/csv"))) {
      char[] buffer = new char[8192];
      for (int n; (n = in.read(buffer)) >= 0; ) {
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      throw brokenOff(out, e);
    }
  }

  private void json(GatewayClient gateway, PrintWriter out) {
    try (BufferedReader in = reader(gateway.stream(user, sql, "application/x-ndjson"))) {
      out.print("[");
      String separator = "\n";
      for (String line; (line = in.readLine()) != null; ) {
        if (!line.isBlank()) {
          out.print(separator);
          out.print(line);
          separator = ",\n";
        }
      }
      out.println("\n]");
    } catch (IOException e) {
      throw brokenOff(out, e);
    }
  }

  private static BufferedReader reader(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  private static CommandFailed brokenOff(PrintWriter out, IOException e) {
    out.flush();
    return new CommandFailed(
        CommandFailed.FAILED, "The result broke off before its end: " + e.getMessage(), e);
  }
}
