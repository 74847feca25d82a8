package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "create",
    description = {
      "Make a personal access token and print it: nothing shows it again. Tools use it as the"
          + " password of its owner, over TLS.",
      "Exit code 0: made; 1: refused; 3: Lakegate does not run.",
      ""
    })
final class TokenCreateCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Mixin private UserOption owner;
  @Spec private CommandSpec spec;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      required = true,
      description = "Name to know it by, such as that of the tool.")
  private String name;

  @Option(names = "--days", paramLabel = "N", description = "Days that it is good (default: 90).")
  private Integer days;

  @Option(
      names = "--scope",
      paramLabel = "SCOPE",
      split = ",",
      description = "What it is for: query (default), operations.")
  private List<String> scopes;

  @Option(
      names = "--persona",
      paramLabel = "PERSONA",
      split = ",",
      description = "Keep only these of the owner's personas.")
  private List<String> personas;

  @Option(
      names = "--tenant",
      paramLabel = "TENANT",
      split = ",",
      description = "Keep only these of the owner's tenants.")
  private List<String> tenants;

  @Option(
      names = "--schema",
      paramLabel = "SCHEMA",
      split = ",",
      description = "Read only these schemas, such as gold.")
  private List<String> schemas;

  @Override
  public Integer call() {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("name", name);
    body.put("expiresInDays", days);
    body.set("scopes", Json.MAPPER.valueToTree(scopes));
    body.set("personas", Json.MAPPER.valueToTree(personas));
    body.set("tenants", Json.MAPPER.valueToTree(tenants));
    body.set("schemas", Json.MAPPER.valueToTree(schemas));
    try {
      JsonNode token =
          new GatewayClient(data.running()).post(owner.user(), "gateway", "/api/v1/tokens", body);
      var err = spec.commandLine().getErr();
      err.println(
          "Token '"
              + TextTable.visible(token.path("name").asText())
              + "' of "
              + TextTable.visible(token.path("owner").asText())
              + ", good until "
              + token.path("expiresAt").asText()
              + ". It is shown this once:");
      err.flush();
      var out = spec.commandLine().getOut();
      out.println(token.path("token").asText());
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }
}
