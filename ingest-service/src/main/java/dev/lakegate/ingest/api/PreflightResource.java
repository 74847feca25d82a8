package dev.lakegate.ingest.api;

import dev.lakegate.ingest.preflight.PreflightProbe;
import dev.lakegate.ingest.preflight.PreflightReport;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.model.description.LakehouseException;
import dev.lakegate.model.description.SourceTable;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** What at the configured source keeps capture from working, or may. */
@Path("/api/v1/preflight")
@Authenticated
@Produces(MediaType.APPLICATION_JSON)
public class PreflightResource {
  @Inject ConfiguredSource source;
  @Inject CurrentPrincipal caller;

  /** Asks the source anew. For operators and services. */
  @GET
  @Blocking
  public PreflightReport preflight() {
    caller.requireOperatorOrService();
    List<SourceTable> tables;
    try {
      tables = source.tables();
    } catch (LakehouseException e) {
      throw LakegateException.conflict(
              "DESCRIPTION_INVALID", e.getMessage(), "Mend the files it names.")
          .withCause(e);
    }
    return PreflightProbe.run(source.settings(), tables);
  }
}
