package dev.lakegate.gateway.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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
    return FileChoice.choose(FILES, p).whole().stream().map(DataFile::path).toList();
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
  void shouldSetApartWhatPartitionsDoNotDecide() {
    RowPredicate other = new RowPredicate.In("region", List.of("eu"));
    assertThat(FileChoice.choose(FILES, other).whole()).isEmpty();
    assertThat(FileChoice.choose(FILES, other).shared()).hasSize(4);
    RowPredicate mine = new RowPredicate.In("tenant_id", List.of("tenant-1"));
    // Files of other tenants are not even opened to look for the region.
    FileChoice.Choice both = FileChoice.choose(FILES, new RowPredicate.And(List.of(mine, other)));
    assertThat(both.whole()).isEmpty();
    assertThat(both.shared()).extracting(DataFile::path).containsExactly("tenant-1.parquet");
    FileChoice.Choice either = FileChoice.choose(FILES, new RowPredicate.Or(List.of(mine, other)));
    assertThat(either.whole()).extracting(DataFile::path).containsExactly("tenant-1.parquet");
    assertThat(either.shared()).hasSize(3);
    assertThat(either.all()).hasSize(4);
    RowPredicate nobody = new RowPredicate.None();
    assertThat(FileChoice.choose(FILES, new RowPredicate.And(List.of(nobody, other))).all())
        .isEmpty();
    assertThat(chosen(new RowPredicate.Or(List.of(new RowPredicate.All(), other)))).hasSize(4);
  }

  @Test
  void shouldRefuseAPredicateThatSaysNothing() {
    for (RowPredicate p :
        List.of(new RowPredicate.And(List.of()), new RowPredicate.Or(List.of()))) {
      assertThatIllegalStateException().isThrownBy(() -> FileChoice.choose(FILES, p));
      assertThatIllegalStateException().isThrownBy(() -> FileChoice.columns(p));
    }
  }
}
