package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.SqlMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No file of another tenant is opened: they are all unreadable here, and nobody notices. */
class PhysicalIsolationTest {
  private static final int STATEMENTS = 150;

  @TempDir static Path directory;

  @Test
  void shouldNotOpenFilesOfOthers() throws IOException {
    try (TenantLakes lakes = new TenantLakes(directory)) {
      Map<String, String> before = new LinkedHashMap<>();
      SqlMaker maker = new SqlMaker(new Random(7));
      while (before.size() < STATEMENTS) {
        String sql = maker.statement();
        if (!sql.toLowerCase(java.util.Locale.ROOT).contains("mrr_metrics")) {
          before.put(sql, lakes.answer(TenantLakes.ALL, TenantLakes.tenant("tenant-1"), sql));
        }
      }
      String everything = "SELECT sum(order_count) FROM revenue_metrics";
      assertThat(lakes.answer(TenantLakes.ALL, TenantLakes.analyst(), everything)).startsWith("[");

      int broken = 0;
      for (Path f : files(lakes.root(TenantLakes.ALL))) {
        if (f.toString().contains("tenant_id=") && !f.toString().contains("tenant_id=tenant-1/")) {
          // Neither data nor a footer, nor of the size that the snapshot says.
          Files.writeString(f, "not a Parquet file");
          broken++;
        }
      }
      assertThat(broken).isGreaterThan(10);

      before.forEach(
          (sql, answer) ->
              assertThat(lakes.answer(TenantLakes.ALL, TenantLakes.tenant("tenant-1"), sql))
                  .as(sql)
                  .isEqualTo(answer));
      // They are really unreadable; who may read them learns no path.
      String failed = lakes.answer(TenantLakes.ALL, TenantLakes.analyst(), everything);
      assertThat(failed)
          .isEqualTo("GENERIC_INTERNAL_ERROR A data file of the lake cannot be read. {}");
    }
  }

  @Test
  void shouldPlanWithFilesOfItsTenantsOnly() {
    try (TenantLakes lakes = new TenantLakes(directory.resolve("plans"))) {
      for (String sql :
          List.of(
              "SELECT * FROM revenue_metrics a, dim_customer b, funnel_metrics c",
              "SELECT 1 FROM revenue_metrics FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 10:00:30'")) {
        Planned planned =
            lakes.plan(TenantLakes.ALL, TenantLakes.tenant("tenant-1", "tenant-9"), sql);
        assertThat(planned.relations())
            .isNotEmpty()
            .allSatisfy(
                r -> {
                  assertThat(r.files())
                      .isNotEmpty()
                      .allMatch(f -> f.contains("tenant_id=tenant-1/"));
                  assertThat(r.apart()).isFalse();
                });
      }
      Planned mixed =
          lakes.plan(TenantLakes.ALL, TenantLakes.tenant("tenant-1"), "SELECT 1 FROM mrr_metrics");
      assertThat(mixed.relations()).allMatch(r -> r.apart() && r.files().size() == 2);
      // How much lies in shared files tells of others' rows.
      assertThat(mixed.files()).isZero();
      assertThat(mixed.bytes()).isZero();
      assertThat(mixed.rows()).isZero();
    }
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return new ArrayList<>(walk.filter(f -> f.toString().endsWith(".parquet")).toList());
    }
  }
}
