package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long texts in the heap that the gateway has on a laptop: a process of its own, 128 MB. */
class SmallHeapTest {
  private static final int LENGTH = 9000;

  @TempDir Path directory;

  @Test
  void shouldReadRowsWithLongTexts() throws Exception {
    Path out = directory.resolve("out");
    Process p =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(p.waitFor(100, TimeUnit.SECONDS)).isTrue();
    assertThat(p.exitValue()).as(Files.readString(out)).isZero();
    assertThat(Files.readString(out)).contains("read 8000 rows");
  }

  /** Four queries at once, each of 2,000 rows with 9 kB of text. */
  static final class Child {
    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[0]);
      Path root = directory.resolve("lake");
      try (TestLake lake = new TestLake(root)) {
        lake.publish(
            "gold",
            "dim_customer",
            List.of(
                TestLake.column("tenant_id", "varchar"),
                TestLake.column("customer_id", "bigint"),
                TestLake.column("status", "varchar")),
            Map.of(
                "tenant-1",
                "SELECT 'tenant-1' AS tenant_id, i AS customer_id,"
                    + " left(repeat(md5(CAST(i AS VARCHAR)), 300), "
                    + LENGTH
                    + ") AS status FROM range(2000) r(i)"));
      }
      Lakehouse lakehouse = LakehouseLoader.load(Path.of("../lakehouse"));
      Policy policy = PolicyCompiler.compile(lakehouse, 1);
      Principal principal =
          new Principal(
              "issuer",
              "analyst",
              new TreeSet<>(Set.of("TenantSpecificAnalyst")),
              new TreeSet<>(Set.of("tenant-1")),
              null);
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try (DuckDbEngine engine =
          new DuckDbEngine(new EngineSettings(root, directory.resolve("tmp"), 256, 256, 2))) {
        Planner planner = new Planner(new Lake(root, lakehouse), engine::value);
        List<Future<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          all.add(threads.submit(() -> read(engine, planner, policy, principal)));
        }
        int rows = 0;
        for (Future<Integer> f : all) {
          rows += f.get();
        }
        System.out.println("read " + rows + " rows");
      } finally {
        threads.shutdownNow();
      }
    }

    private static int read(
        DuckDbEngine engine, Planner planner, Policy policy, Principal principal) {
      Planned planned =
          planner.plan(
              "SELECT customer_id, status FROM dim_customer",
              policy,
              principal,
              new Session(Instant.parse("2026-03-03T00:00:00Z"), "analyst", "gold"));
      int rows = 0;
      try (Execution e = engine.execute(planned.query(), planned.relations())) {
        for (Object[] r = e.next(); r != null; r = e.next()) {
          rows += ((String) r[1]).length() == LENGTH ? 1 : 0;
        }
      }
      return rows;
    }
  }
}
