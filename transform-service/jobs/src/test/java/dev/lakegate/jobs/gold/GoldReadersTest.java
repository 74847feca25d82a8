package dev.lakegate.jobs.gold;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.gold.SourceRows.Invoice;
import dev.lakegate.jobs.gold.SourceRows.Line;
import dev.lakegate.jobs.gold.SourceRows.Order;
import dev.lakegate.jobs.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * After a commit of Gold, DuckDB over the published snapshot's files (as the gateway reads them),
 * Spark over the Hudi table, and the metric's definition agree on every row.
 */
class GoldReadersTest {
  private static final LocalDate AS_OF = LocalDate.of(2028, 2, 29);

  /** Two levels of partitions, a metric over a metric, NULLs and an as-of date, no partition. */
  private static final Set<String> SOME =
      Set.of("fact_order_line", "product_sales", "payment_metrics", "dim_date");

  @TempDir Path directory;

  @Test
  void readersShouldAgreeAfterEachCommit() throws IOException {
    TestLake lake = new TestLake(directory);
    List<ShippedMetric> metrics =
        ShippedMetric.all().stream()
            .filter(m -> Boolean.getBoolean("lakegate.all") || SOME.contains(m.name()))
            .toList();
    SourceRows source = SourceRows.random(11, AS_OF);
    publish(lake, source, "20280229120000001");
    agree(lake, metrics, source);
    change(source);
    publish(lake, source, "20280229120000002");
    agree(lake, metrics, source);
  }

  /** Rows move to other months, days and tenants, and vanish. */
  private static void change(SourceRows source) {
    source.orders.removeIf(o -> o.id() % 10 == 0);
    source.orders.replaceAll(
        o ->
            o.id() % 7 == 0
                ? new Order(
                    o.id(),
                    o.tenant(),
                    o.customer(),
                    o.status(),
                    o.date().minus(40, ChronoUnit.DAYS),
                    o.tax(),
                    o.shipping(),
                    o.total(),
                    o.currency())
                : o);
    source.lines.replaceAll(
        l ->
            l.id() % 9 == 0
                ? new Line(
                    l.id(),
                    "tenant-2",
                    l.order(),
                    l.product(),
                    l.quantity() + 1,
                    l.price(),
                    l.discount(),
                    l.total())
                : l);
    source.invoices.removeIf(i -> i.tenant().equals("tenant-3"));
    source.invoices.replaceAll(
        i ->
            i.id() % 2 == 0
                ? new Invoice(
                    i.id(), i.tenant(), "paid", i.due(), i.due(), i.issued(), i.lastDay(), null)
                : i);
    source.tenants.replaceAll(
        t ->
            t.id().equals("tenant-5")
                ? new SourceRows.Tenant(
                    t.id(), t.name(), t.plan(), Instant.parse("1999-06-01T00:00:00Z"))
                : t);
    if (source.tenants.stream().noneMatch(t -> t.id().equals("tenant-5"))) {
      source.tenants.add(
          new SourceRows.Tenant("tenant-5", "Old", "small", Instant.parse("1999-06-01T00:00:00Z")));
    }
  }

  private static void agree(TestLake lake, List<ShippedMetric> metrics, SourceRows source) {
    for (ShippedMetric metric : metrics) {
      JsonNode result =
          lake.run(lake.goldRequest(metric.specification(), metric.clock() ? "" + AS_OF : null));
      assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");

      Set<String> defined =
          MetricDefinitions.texts(
              MetricDefinitions.rows(metric.name(), source, AS_OF).stream()
                  .map(row -> row.stream().map(GoldReadersTest::plain).toList())
                  .toList());
      assertThat(defined).isNotEmpty();
      List<String> stored =
          TestLake.query(
              "SELECT "
                  + columns(metric, "epoch_us(%s)")
                  + " FROM "
                  + lake.table("gold." + metric.name()));
      assertThat(stored).as("DuckDB, " + metric.name()).hasSameSizeAs(defined);
      assertThat(new TreeSet<>(stored)).as("DuckDB, " + metric.name()).isEqualTo(defined);
      List<Row> hudi =
          TestLake.spark()
              .read()
              .format("hudi")
              .load(lake.root().resolve("gold/" + metric.name()).toString())
              .selectExpr(columns(metric, "unix_micros(%s)").split(", "))
              .collectAsList();
      assertThat(ShippedMetricsTest.texts(hudi))
          .as("Spark, " + metric.name())
          .isEqualTo(new TreeSet<>(stored));
    }
  }

  private static String columns(ShippedMetric metric, String moment) {
    return metric.columns().stream()
        .map(c -> c.type().startsWith("timestamp") ? moment.formatted(c.name()) : c.name())
        .collect(Collectors.joining(", "));
  }

  private static Object plain(Object value) {
    return value instanceof Instant instant
        ? ChronoUnit.MICROS.between(Instant.EPOCH, instant)
        : value;
  }

  /** Publishes a state of all Silver tables, as runs of theirs would. */
  private static void publish(TestLake lake, SourceRows source, String instant) throws IOException {
    for (var table : source.tables(TestLake.spark()).entrySet()) {
      String name = table.getKey().replace('.', '/');
      Path files = lake.root().resolve(name).resolve(instant);
      Dataset<Row> rows = table.getValue();
      rows.write().parquet(files.toString());
      ObjectNode snapshot = Json.object();
      snapshot
          .put("version", 1)
          .put("database", "silver")
          .put("table", name.substring("silver/".length()))
          .put("instant", instant)
          .put("publishedAt", "2028-02-29T12:00:00.000000Z")
          .put("scope", "tenant")
          .put("tenantColumn", "tenant_id");
      for (StructField field : rows.schema().fields()) {
        snapshot
            .withArray("columns")
            .addObject()
            .put("name", field.name())
            .put("type", type(field))
            .put("nullable", true)
            .put("description", "A column.");
      }
      snapshot.putArray("partitionColumns");
      List<Path> parts = new ArrayList<>();
      try (Stream<Path> all = Files.list(files)) {
        all.filter(f -> f.toString().endsWith(".parquet")).forEach(parts::add);
      }
      for (Path part : parts) {
        snapshot
            .withArray("files")
            .addObject()
            .put("path", lake.root().relativize(part).toString())
            .put("rows", rows.count())
            .put("bytes", Files.size(part));
      }
      snapshot.putObject("checkpoint");
      snapshot.put("watermark", "2028-02-29T12:00:00.000000Z");
      Path catalog = Files.createDirectories(lake.root().resolve("_catalog/" + name));
      Files.writeString(catalog.resolve(instant + ".json"), snapshot.toString());
      Files.writeString(catalog.resolve("current.json"), snapshot.toString());
    }
  }

  private static String type(StructField field) {
    if (field.dataType().equals(DataTypes.StringType)) {
      return "varchar";
    }
    return field.dataType().equals(DataTypes.TimestampType)
        ? "timestamp(6) with time zone"
        : field.dataType().catalogString();
  }
}
