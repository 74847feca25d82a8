package dev.lakegate.transform.api;

import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.run.Conductor;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;

/** How datasets stand and what they are made from. */
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
        .map(DatasetAnswer::of)
        .orElseThrow(
            () ->
                LakegateException.unavailable(
                    "NOT_READY",
                    "The service has just started and has not looked at the lake yet.",
                    "Try again in a moment.",
                    Duration.ofSeconds(1)));
  }

  /**
   * What each dataset is made from.
   *
   * @param items one per dataset, inputs before those that read them
   * @param next always null: the list is complete
   */
  public record Lineage(List<Edge> items, String next) {}

  /**
   * A dataset and its direct inputs.
   *
   * @param dataset {@code <schema>.<name>}
   * @param layer silver or gold
   * @param inputs {@code bronze.<source table>} for Silver, datasets for Gold
   */
  public record Edge(String dataset, String layer, List<String> inputs) {}

  /** Lineage by table. */
  @GET
  @Path("/lineage")
  public Lineage lineage() {
    principal.requireOperatorOrService();
    List<Dataset> datasets =
        descriptions.current().map(description -> description.datasets()).orElse(List.of());
    return new Lineage(datasets.stream().map(DatasetResource::edge).toList(), null);
  }

  /** The schema of a dataset, which names its layer: a derived table of Silver is one of Silver. */
  static String schema(String dataset) {
    return dataset.substring(0, dataset.indexOf('.'));
  }

  private static Edge edge(Dataset dataset) {
    return new Edge(
        dataset.name(),
        schema(dataset.name()),
        dataset.layer() == Dataset.Layer.SILVER
            ? List.of("bronze." + dataset.bronzeTable())
            : dataset.inputs());
  }
}
