package dev.lakegate.laptop.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "token",
    description = {
      "Print an access token for a demo user: admin, engineer, analyst, analyst@TENANT, team@TIER.",
      "It is good for 15 minutes.",
      ""
    })
final class TokenCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "USER", description = "Demo user.")
  private String user;

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    out.println(new GatewayClient(data.running()).token(user));
    out.flush();
    return 0;
  }
}
