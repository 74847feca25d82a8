package dev.lakegate.laptop.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "release",
    description = {
      "Let a restored table go on: what came after the instant that it was restored to is applied"
          + " again.",
      "Exit code 0: done; 1: refused; 3: Lakegate does not run.",
      ""
    })
final class ReleaseCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TABLE", description = "Table, such as silver.order.")
  private String table;

  @Override
  public Integer call() {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      String name = PastRuns.dataset(gateway, table);
      gateway.post("admin", "transform", "/api/v1/tables/" + name + "/release");
      out.println(name + " goes on; './lakegate status' shows how far it is.");
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }
}
