package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "revoke",
    description = {
      "End a personal access token: one's own; anybody's as an administrator. It stops working"
          + " within 5 seconds.",
      "Exit code 0: ended; 1: there is no such token; 3: Lakegate does not run.",
      ""
    })
final class TokenRevokeCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Mixin private UserOption owner;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TOKEN", description = "Id of the token, or its name where one has it.")
  private String token;

  @Override
  public Integer call() {
    GatewayClient gateway = new GatewayClient(data.running());
    try {
      gateway.delete(owner.user(), "gateway", "/api/v1/tokens/" + id(gateway));
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
    var out = spec.commandLine().getOut();
    out.println("The token has ended.");
    out.flush();
    return 0;
  }

  private String id(GatewayClient gateway) {
    if (token.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
      return token;
    }
    List<String> ids =
        TokenListCommand.tokens(gateway, owner.user(), false).stream()
            .filter(t -> t.path("name").asText().equals(token))
            .filter(t -> t.path("state").asText().equals("active"))
            .map((JsonNode t) -> t.path("id").asText())
            .toList();
    if (ids.size() != 1) {
      throw new CommandFailed(
          CommandFailed.FAILED,
          (ids.isEmpty() ? "No active token" : "More than one active token")
              + " of "
              + owner.user()
              + " has the name '"
              + token
              + "'. 'token list' shows their ids.");
    }
    return ids.get(0);
  }
}
