package dev.lakegate.transform.api;

import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.run.Conductor;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.Map;

/** How datasets stand. */
@Path("/api/v1")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class DatasetResource {
  @Inject CurrentPrincipal principal;
  @Inject Conductor conductor;
  @Inject DescriptionFollower<Description> descriptions;

  /** Every dataset with its state and the reason for it. */
  @GET
  @Path("/datasets")
  public DatasetAnswer datasets() {
    principal.requireOperatorOrService();
    return conductor
        .view()
        .map(
            view ->
                DatasetAnswer.of(
                    view, descriptions.current().map(Description::specifications).orElse(Map.of())))
        .orElseThrow(
            () ->
                LakegateException.unavailable(
                    "NOT_READY",
                    "The service has just started and has not looked at the lake yet.",
                    "Try again in a moment.",
                    Duration.ofSeconds(1)));
  }

  /** The schema of a dataset, which names its layer: a derived table of Silver is one of Silver. */
  static String schema(String dataset) {
    return dataset.substring(0, dataset.indexOf('.'));
  }
}
