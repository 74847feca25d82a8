package dev.lakegate.ingest.bronze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;

class StageTest {
  private static final LocalDate DAY = LocalDate.of(2026, 3, 2);
  private static final TableSchema SCHEMA =
      new TableSchema(
          new SchemaVersion(
              "core_x",
              1,
              List.of("id"),
              List.of(
                  new SourceColumn("tenant_id", "text", "varchar", true),
                  new SourceColumn("id", "bigint", "bigint", false),
                  new SourceColumn("note", "text", "varchar", true))),
          "tenant_id");

  /** Tenants that share beginnings, endings and hashes, some quoted, some not to be used. */
  private static final List<String> TENANTS =
      List.of(
          "a", "ab", "aB", "Aa", "BB", "AaBB", "BBAa", "x,y", "\"", "é", " a", "a ", "", "null");

  /** {@code ""} is a tenant that is no good, {@code null} is NULL. */
  private static String csv(String tenant) {
    if (tenant.equals("null")) {
      return "";
    }
    boolean quoted = tenant.isEmpty() || tenant.contains(",") || tenant.contains("\"");
    return quoted ? '"' + tenant.replace("\"", "\"\"") + '"' : tenant;
  }

  @Property(tries = 100)
  void everyCopiedRowGoesToThePartitionOfItsTenant(
      @ForAll @NotEmpty List<@IntRange(max = 13) Integer> picked,
      @ForAll @IntRange(max = 700) int others)
      throws Exception {
    List<String> tenants = new ArrayList<>();
    for (int i = 0; i < 2 * others; i++) {
      // More of them in turn than are remembered.
      tenants.add("tenant-" + i % Math.max(1, others));
    }
    picked.forEach(i -> tenants.add(TENANTS.get(i)));
    picked.forEach(i -> tenants.add(TENANTS.get(i)));
    Map<String, Long> expected = new TreeMap<>();
    Map<String, StringBuilder> rows = new HashMap<>();
    long bad = 0;
    Path file = Files.createTempFile("stage", ".csv");
    try (Stage stage =
        Stage.ofCopy(file, SCHEMA, 1, new int[] {0, 1, 2}, "s", 1, DAY).checked(new RowCheck(40))) {
      for (int i = 0; i < tenants.size(); i++) {
        String tenant = tenants.get(i);
        boolean large = i % 7 == 3;
        String row = csv(tenant) + "," + i + "," + (large ? "n".repeat(50) : "n");
        stage.addCopied((row + "\n").getBytes(StandardCharsets.UTF_8));
        if (large || tenant.isEmpty() || tenant.equals("null")) {
          bad++;
        } else {
          expected.merge(tenant, 1L, Long::sum);
          rows.computeIfAbsent(tenant, t -> new StringBuilder()).append(row).append('\n');
        }
      }
      stage.finish();
      Map<String, Long> counted = new TreeMap<>();
      Map<String, StringBuilder> staged = new HashMap<>();
      stage.partitions().forEach(p -> counted.put(p.tenant, p.rows));
      for (String line : Files.readAllLines(file)) {
        int comma = line.indexOf(',');
        String tenant = stage.partitions().get(Integer.parseInt(line.substring(0, comma))).tenant;
        staged
            .computeIfAbsent(tenant, t -> new StringBuilder())
            .append(line, comma + 1, line.length())
            .append('\n');
      }
      assertThat(counted).isEqualTo(expected);
      assertThat(stage.rejected()).hasSize((int) bad);
      assertThat(stage.rows()).isEqualTo(tenants.size() - bad);
      expected
          .keySet()
          .forEach(t -> assertThat(staged.get(t)).asString().isEqualTo(rows.get(t).toString()));
    }
  }
}
