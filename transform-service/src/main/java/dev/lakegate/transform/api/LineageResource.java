package dev.lakegate.transform.api;

import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.job.RunResult.Lineage;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.lineage.DatasetLineage;
import dev.lakegate.transform.lineage.LineageGraph;
import dev.lakegate.transform.lineage.LineageGraph.Direction;
import dev.lakegate.transform.lineage.LineageStore;
import dev.lakegate.transform.lineage.SilverLineage;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.run.RunStore;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What datasets and their columns are made of. */
@Path("/api/v1/lineage")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class LineageResource {
  @Inject CurrentPrincipal principal;
  @Inject DescriptionFollower<Description> descriptions;
  @Inject RunStore store;

  /**
   * Lineage by table and column, inputs before what is made of them.
   *
   * @param dataset only this one and what it is made of, or what is made of it; a table of Bronze
   *     is {@code bronze.<source table>}
   * @param column only this column of it, and those whose values go into it or it goes into
   * @param direction {@code upstream}, {@code downstream} or {@code both}; upstream when absent
   */
  @GET
  public Page<DatasetLineage> lineage(
      @QueryParam("dataset") @Size(max = 200) String dataset,
      @QueryParam("column") @Size(max = 200) String column,
      @QueryParam("direction") @Size(max = 20) String direction) {
    principal.requireOperatorOrService();
    LineageGraph graph = graph();
    Direction wanted = direction(direction);
    if (dataset == null) {
      if (column != null || direction != null) {
        throw LakegateException.badRequest(
            "PARAMETER_MISSING",
            "A column and a direction are those of a dataset.",
            "Name it with 'dataset'.");
      }
      return new Page<>(graph.all(), null);
    }
    if (!graph.knows(dataset)) {
      throw LakegateException.notFound(
          "DATASET_UNKNOWN",
          "The lakehouse description names no '" + dataset + "'.",
          "Write it like silver.order; without parameters all are listed.");
    }
    if (column == null) {
      return new Page<>(graph.of(dataset, wanted), null);
    }
    if (!graph.knows(dataset, column)) {
      throw LakegateException.notFound(
          "COLUMN_UNKNOWN",
          "No column '" + column + "' of " + dataset + " is known.",
          "Columns of what a query computes are known from its first run on.");
    }
    return new Page<>(graph.of(dataset, column, wanted), null);
  }

  private static Direction direction(String name) {
    if (name == null) {
      return Direction.UPSTREAM;
    }
    for (Direction direction : Direction.values()) {
      if (direction.name().toLowerCase(Locale.ROOT).equals(name)) {
        return direction;
      }
    }
    throw LakegateException.badRequest(
        "DIRECTION_UNKNOWN",
        "There is no direction '" + name + "'.",
        "Use upstream, downstream or both.");
  }

  private LineageGraph graph() {
    List<Dataset> datasets = descriptions.current().map(Description::datasets).orElse(List.of());
    Map<String, LineageStore.Told> told = Control.ask(() -> store.lineage().all());
    List<DatasetLineage> all = new ArrayList<>();
    for (Dataset dataset : datasets) {
      boolean fromBronze = dataset.bronzeTable() != null;
      LineageStore.Told last = told.get(dataset.name());
      Lineage lineage =
          fromBronze
              ? dataset.specification() == null ? null : SilverLineage.of(dataset.specification())
              : last != null && last.definition().equals(dataset.definition())
                  ? last.lineage()
                  : null;
      all.add(
          new DatasetLineage(
              dataset.name(),
              DatasetResource.schema(dataset.name()),
              fromBronze ? List.of("bronze." + dataset.bronzeTable()) : dataset.inputs(),
              lineage == null ? null : lineage.columns(),
              lineage == null ? null : lineage.rows()));
    }
    return new LineageGraph(all);
  }
}
