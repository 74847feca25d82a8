package dev.lakegate.gateway.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.model.policy.RowPredicate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FileChoiceTest {
  private static DataFile file(String tenant) {
    Map<String, String> partition = new HashMap<>();
    partition.put("tenant_id", tenant);
    return new DataFile(tenant + ".parquet", partition, 1, 1);
  }

  private static final List<DataFile> FILES =
      List.of(file("tenant-1"), file("tenant-10"), file("TENANT-1"), file(null));

  private static List<String> chosen(RowPredicate p) {
    return FileChoice.choose(FILES, p).orElseThrow().stream().map(DataFile::path).toList();
  }

  @Test
  void shouldChooseByExactValue() {
    assertThat(chosen(new RowPredicate.In("tenant_id", List.of("tenant-1"))))
        .containsExactly("tenant-1.parquet");
  }

  @Test
  void shouldLetAnUnknownTenantThroughToNobodyButWhoSeesAll() {
    assertThat(chosen(new RowPredicate.In("tenant_id", List.of("null", "")))).isEmpty();
    assertThat(chosen(new RowPredicate.Comparison("tenant_id", "<>", "x"))).hasSize(3);
    assertThat(chosen(new RowPredicate.All())).hasSize(4);
    assertThat(chosen(new RowPredicate.None())).isEmpty();
  }

  @Test
  void shouldRefuseWhenPartitionsDoNotDecide() {
    RowPredicate other = new RowPredicate.In("region", List.of("eu"));
    assertThat(FileChoice.choose(FILES, other)).isEmpty();
    RowPredicate mine = new RowPredicate.In("tenant_id", List.of("tenant-1"));
    assertThat(FileChoice.choose(FILES, new RowPredicate.And(List.of(mine, other)))).isEmpty();
    RowPredicate nobody = new RowPredicate.None();
    assertThat(chosen(new RowPredicate.And(List.of(nobody, other)))).isEmpty();
    assertThat(chosen(new RowPredicate.Or(List.of(new RowPredicate.All(), other)))).hasSize(4);
  }
}
