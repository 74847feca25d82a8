package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "list",
    description = {
      "Show a user's personal access tokens, without their secrets; with --all everybody's, for"
          + " administrators.",
      ""
    })
final class TokenListCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Mixin private UserOption owner;
  @Spec private CommandSpec spec;

  @Option(names = "--all", description = "Everybody's.")
  private boolean all;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      print(out, tokens(new GatewayClient(data.running()), owner.user(), all));
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
    out.flush();
    return 0;
  }

  /** All pages. */
  static List<JsonNode> tokens(GatewayClient gateway, String user, boolean all) {
    List<JsonNode> tokens = new ArrayList<>();
    String next = "";
    do {
      JsonNode page = gateway.get(user, "gateway", "/api/v1/tokens?all=" + all + next);
      page.path("items").forEach(tokens::add);
      next =
          page.hasNonNull("next")
              ? "&cursor=" + URLEncoder.encode(page.path("next").asText(), StandardCharsets.UTF_8)
              : null;
    } while (next != null);
    return tokens;
  }

  static void print(PrintWriter out, List<JsonNode> tokens) {
    if (tokens.isEmpty()) {
      out.println("There is no token.");
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode token : tokens) {
      List<String> scopes = new ArrayList<>();
      token.path("scopes").forEach(scope -> scopes.add(scope.asText()));
      rows.add(
          List.of(
              token.path("id").asText(),
              token.path("name").asText(),
              token.path("owner").asText(),
              token.path("state").asText(),
              String.join(" ", scopes),
              token.path("expiresAt").asText(),
              token.hasNonNull("lastUsedAt") ? token.path("lastUsedAt").asText() : "never"));
    }
    TextTable text =
        new TextTable(
            out,
            List.of("id", "name", "owner", "state", "scopes", "expires", "last used"),
            new boolean[7],
            rows);
    rows.forEach(text::line);
  }
}
