package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.laptop.supervisor.StackState;
import dev.lakegate.laptop.supervisor.StackStopper;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "down",
    description = {
      "Stop what 'up --detach' started. The data stays.",
      "",
      "While Lakegate is down, its replication slot makes the source keep the WAL that was not yet"
          + " captured. --forget-source drops slot and publication; a later start then copies"
          + " everything again.",
      ""
    })
final class DownCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Option(
      names = "--forget-source",
      description = "Also drop the replication slot and the publication at the source.")
  private boolean forgetSource;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<StackState> state = data.state();
    if (state.isEmpty()) {
      if (forgetSource) {
        throw new CommandFailed(
            CommandFailed.NOT_RUNNING,
            "Lakegate does not run on "
                + data.directory()
                + ", so it cannot drop anything at the source. Start it ('./lakegate up'), or run"
                + " there:\n"
                + dropStatements("lakegate", "lakegate"));
      }
      out.println("Lakegate does not run on " + data.directory() + ".");
      out.flush();
      return 0;
    }
    StackState stack = state.get();
    boolean forgotten = false;
    String slot = "lakegate";
    String publication = "lakegate";
    if (stack.isRunning()) {
      GatewayClient client = new GatewayClient(stack);
      try {
        JsonNode source = client.get("admin", "ingest", "/api/v1/state").path("source");
        slot = source.path("slot").asText(slot);
        publication = source.path("publication").asText(publication);
      } catch (GatewayClient.Refusal | CommandFailed e) {
        // The default names are right unless somebody configured others.
      }
      if (forgetSource) {
        forget(client, out, slot, publication);
        forgotten = true;
      }
    } else if (forgetSource) {
      throw new CommandFailed(
          CommandFailed.FAILED,
          "Lakegate was killed, so nothing can be dropped through it. Start it again"
              + " ('./lakegate up') and repeat, or run at the source:\n"
              + dropStatements(slot, publication));
    }
    StackStopper.stop(data.directory(), stack);
    out.println("Lakegate is stopped. Its data stays in " + data.directory() + ".");
    if (!forgotten && stack.source() != null && !stack.source().embedded()) {
      out.println(
          "The replication slot '"
              + slot
              + "' at "
              + stack.source().jdbcUrl()
              + " stays and makes that server keep its WAL until Lakegate runs again.\n"
              + "If it will not, drop it: './lakegate up', then './lakegate down --forget-source',"
              + " or there:\n"
              + dropStatements(slot, publication));
    }
    out.flush();
    return 0;
  }

  private static void forget(
      GatewayClient client, PrintWriter out, String slot, String publication) {
    try {
      JsonNode answer = client.post("admin", "ingest", "/api/v1/source/forget");
      out.println(
          "At the source: slot '"
              + slot
              + "' "
              + (answer.path("slotDropped").asBoolean() ? "dropped" : "was not there")
              + ", publication '"
              + publication
              + "' "
              + (answer.path("publicationDropped").asBoolean() ? "dropped" : "was not there")
              + ".");
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(
          CommandFailed.FAILED,
          "Slot and publication could not be dropped, and Lakegate still runs. "
              + e.describe()
              + "\nBy hand, at the source:\n"
              + dropStatements(slot, publication),
          e);
    }
  }

  private static String dropStatements(String slot, String publication) {
    return "  SELECT pg_drop_replication_slot('"
        + slot.replace("'", "''")
        + "');\n  DROP PUBLICATION \""
        + publication.replace("\"", "\"\"")
        + "\";";
  }
}
