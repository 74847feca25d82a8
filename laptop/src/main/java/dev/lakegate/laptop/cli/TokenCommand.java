package dev.lakegate.laptop.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "token",
    description = {
      "Print an access token for a demo user: admin, engineer, analyst, analyst@TENANT, team@TIER.",
      "It is good for 15 minutes.",
      "'token create', 'token list' and 'token revoke' are about personal access tokens, which tools"
          + " use as passwords.",
      ""
    },
    subcommands = {TokenCreateCommand.class, TokenListCommand.class, TokenRevokeCommand.class})
final class TokenCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "USER", arity = "0..1", description = "Demo user.")
  private String user;

  @Override
  public Integer call() {
    if (user == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing USER, or one of create, list and revoke.");
    }
    var out = spec.commandLine().getOut();
    out.println(new GatewayClient(data.running()).token(user));
    out.flush();
    return 0;
  }
}
