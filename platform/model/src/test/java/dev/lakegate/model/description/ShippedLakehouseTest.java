package dev.lakegate.model.description;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.job.DependencyGraph;
import dev.lakegate.model.job.JobSpecificationCompiler;
import dev.lakegate.model.policy.PolicyCompiler;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ShippedLakehouseTest {
  private final Lakehouse lakehouse =
      LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse"));

  @Test
  void shouldDescribeTheEightTables() {
    assertThat(lakehouse.tables())
        .extracting(SourceTable::sourceTable)
        .containsExactly(
            "core_customer",
            "core_event",
            "core_invoice",
            "core_order",
            "core_orderitem",
            "core_product",
            "core_subscription",
            "core_tenant");
    assertThat(lakehouse.resolve("silver", "orders")).contains("silver.order");
  }

  @Test
  void shouldCompile() {
    assertThat(JobSpecificationCompiler.compile(lakehouse)).hasSize(12);
    assertThat(DependencyGraph.of(lakehouse).order()).hasSize(12);
    assertThat(PolicyCompiler.compile(lakehouse, 1).tables()).hasSize(20);
  }
}
