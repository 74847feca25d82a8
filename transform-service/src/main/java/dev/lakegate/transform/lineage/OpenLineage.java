package dev.lakegate.transform.lineage;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunResult;
import dev.lakegate.model.job.RunResult.Lineage;
import dev.lakegate.model.job.RunResult.Lineage.Source;
import dev.lakegate.model.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * Events of runs as OpenLineage 2-0-2 describes them: one START and one of COMPLETE, FAIL and ABORT
 * for each run. Pure.
 *
 * @param namespace of jobs and datasets
 * @param producer URI of who says so
 */
record OpenLineage(String namespace, String producer) {
  private static final String SPEC = "https://openlineage.io/spec/";
  private static final String RUN_EVENT = SPEC + "2-0-2/OpenLineage.json#/$defs/RunEvent";

  /**
   * A run, as far as events tell of it.
   *
   * @param id as this service names it
   * @param mode of it
   * @param specification of what it runs; null when unknown
   */
  record Subject(String id, String dataset, Mode mode, JobSpecification specification) {}

  /** How a run went on. */
  enum Type {
    START,
    COMPLETE,
    FAIL,
    ABORT
  }

  /** The run's id as OpenLineage wants it: always the same UUID for the same run. */
  static UUID uuid(String run) {
    return UUID.nameUUIDFromBytes(("lakegate run " + run).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * An event.
   *
   * @param result what the run did; null at its start, and when it did not say
   * @param error why it did not succeed; null otherwise
   */
  ObjectNode event(Type type, Subject subject, Instant at, RunResult result, String error) {
    ObjectNode event = Json.MAPPER.createObjectNode();
    event.put("eventType", type.name());
    event.put("eventTime", at.truncatedTo(ChronoUnit.MILLIS).toString());
    event.put("producer", producer);
    event.put("schemaURL", RUN_EVENT);
    ObjectNode run = event.putObject("run");
    run.put("runId", uuid(subject.id()).toString());
    ObjectNode runFacets = run.putObject("facets");
    if (error != null) {
      facet(runFacets, "errorMessage", "1-0-0", "ErrorMessageRunFacet")
          .put("message", error)
          .put("programmingLanguage", "JAVA");
    }
    ObjectNode job = event.putObject("job");
    job.put("namespace", namespace);
    job.put("name", subject.dataset() + (ordinary(subject) ? "" : "." + wireName(subject.mode())));
    ObjectNode jobFacets = job.putObject("facets");
    facet(jobFacets, "jobType", "2-0-2", "JobTypeJobFacet")
        .put("processingType", "BATCH")
        .put("integration", "LAKEGATE")
        .put("jobType", ordinary(subject) ? "MODEL" : "COMMAND");
    JobSpecification specification = subject.specification();
    if (ordinary(subject) && specification != null && specification.sql() != null) {
      facet(jobFacets, "sql", "1-0-0", "SQLJobFacet").put("query", specification.sql());
    }
    ArrayNode inputs = event.putArray("inputs");
    for (String input : inputs(subject)) {
      dataset(inputs, input);
    }
    ArrayNode outputs = event.putArray("outputs");
    if (subject.mode() != Mode.DROP && subject.mode() != Mode.ASOF) {
      output(dataset(outputs, subject.dataset()), subject, result);
    }
    return event;
  }

  private static boolean ordinary(Subject subject) {
    return !subject.mode().isOfThePast();
  }

  private static String wireName(Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  private static List<String> inputs(Subject subject) {
    if (!ordinary(subject)) {
      return List.of(subject.dataset());
    }
    JobSpecification specification = subject.specification();
    if (specification == null) {
      return List.of();
    }
    return specification.bronzeTable() != null
        ? List.of("bronze." + specification.bronzeTable())
        : specification.inputs();
  }

  private ObjectNode dataset(ArrayNode list, String name) {
    return list.addObject().put("namespace", namespace).put("name", name);
  }

  private void output(ObjectNode output, Subject subject, RunResult result) {
    JobSpecification specification = subject.specification();
    ObjectNode facets = output.putObject("facets");
    if (specification != null) {
      ArrayNode fields = facet(facets, "schema", "1-1-1", "SchemaDatasetFacet").putArray("fields");
      columns(specification)
          .forEach(
              (name, about) ->
                  fields
                      .addObject()
                      .put("name", name)
                      .put("type", about[0])
                      .put("description", about[1] == null ? "" : about[1]));
    }
    if (result == null || result.status() != RunResult.Status.SUCCEEDED) {
      return;
    }
    Lineage lineage = lineage(subject, result);
    if (lineage != null) {
      columnLineage(facets, lineage);
    }
    facet(
            output.putObject("outputFacets"),
            "outputStatistics",
            "1-0-2",
            "OutputStatisticsOutputDatasetFacet")
        .put("rowCount", result.rowsUpserted())
        .put("size", result.bytesWritten())
        .put("fileCount", result.filesWritten());
  }

  private static Lineage lineage(Subject subject, RunResult result) {
    if (!ordinary(subject) || subject.specification() == null) {
      return null;
    }
    return subject.specification().bronzeTable() == null
        ? result.lineage()
        : SilverLineage.of(subject.specification());
  }

  /** Type and description by name, as they are stored. */
  private static Map<String, String[]> columns(JobSpecification specification) {
    Map<String, String[]> columns = new LinkedHashMap<>();
    specification
        .columns()
        .forEach(c -> columns.put(c.name(), new String[] {c.type(), c.description()}));
    if (specification.derivations() != null) {
      specification
          .derivations()
          .forEach(c -> columns.put(c.column(), new String[] {c.type(), c.description()}));
    }
    return columns;
  }

  private void columnLineage(ObjectNode facets, Lineage lineage) {
    ObjectNode facet = facet(facets, "columnLineage", "1-2-0", "ColumnLineageDatasetFacet");
    ObjectNode fields = facet.putObject("fields");
    for (Lineage.OfColumn column : lineage.columns()) {
      sources(fields.putObject(column.column()).putArray("inputFields"), column.inputs());
    }
    sources(facet.putArray("dataset"), lineage.rows());
  }

  /** Each column once, with all ways in which it goes in. */
  private void sources(ArrayNode list, List<Source> sources) {
    Map<String, ArrayNode> transformations = new LinkedHashMap<>();
    for (Source source : sources) {
      transformations
          .computeIfAbsent(
              source.dataset() + "." + source.column(),
              key ->
                  list.addObject()
                      .put("namespace", namespace)
                      .put("name", source.dataset())
                      .put("field", source.column())
                      .putArray("transformations"))
          .addObject()
          .put("type", source.kind().direct() ? "DIRECT" : "INDIRECT")
          .put("subtype", source.kind().name());
    }
  }

  private ObjectNode facet(ObjectNode facets, String name, String version, String type) {
    return facets
        .putObject(name)
        .put("_producer", producer)
        .put("_schemaURL", SPEC + "facets/" + version + "/" + type + ".json#/$defs/" + type);
  }
}
