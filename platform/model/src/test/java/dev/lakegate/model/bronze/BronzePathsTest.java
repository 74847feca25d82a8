package dev.lakegate.model.bronze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.model.contracts.GoldenFiles;
import java.time.LocalDate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BronzePathsTest {
  @Test
  void shouldNameFilesAsTheGoldenManifestDoes() {
    LocalDate day = LocalDate.of(2026, 3, 2);
    assertThat(BronzePaths.file("core_order", day, "tenant-1", 2, 0))
        .isEqualTo(GoldenFiles.tree("manifest.json").at("/files/0/path").textValue());
    assertThat(BronzePaths.file("core_customer", day, null, 2, 1))
        .isEqualTo(GoldenFiles.tree("manifest.json").at("/files/1/path").textValue());
    assertThat(BronzePaths.manifest(2)).isEqualTo("bronze/_manifests/00000000000000000002.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a/b | a%2Fb",
        "a=b | a%3Db",
        "50% | 50%25",
        "a:b | a%3Ab",
        "x\"#'*?\\{[]^ | x%22%23%27%2A%3F%5C%7B%5B%5D%5E",
        "a b | a b",
        "a}b<c>|a}b<c>",
        "ümläut | ümläut",
      })
  void shouldEscapeAsHiveDoes(String value, String folder) {
    assertThat(BronzePaths.partitionValue(value)).isEqualTo(folder);
    assertThat(BronzePaths.partitionValueOf(folder)).isEqualTo(value);
  }

  @Test
  void shouldEscapeControlCharactersAndDelete() {
    assertThat(BronzePaths.escape("\u0001\t\n\u001F\u007F\u0080"))
        .isEqualTo("%01%09%0A%1F%7F\u0080");
  }

  @Test
  void nullAndEmptyShouldShareTheDefaultPartition() {
    assertThat(BronzePaths.partitionValue(null)).isEqualTo("__HIVE_DEFAULT_PARTITION__");
    assertThat(BronzePaths.partitionValue("")).isEqualTo("__HIVE_DEFAULT_PARTITION__");
    assertThat(BronzePaths.partitionValueOf("__HIVE_DEFAULT_PARTITION__")).isNull();
  }

  @ParameterizedTest
  @CsvSource({"100%,100%", "%zz,%zz", "%4,%4", "%41,A", "%2f,/"})
  void shouldUnescapeAsHiveDoes(String folder, String value) {
    assertThat(BronzePaths.unescape(folder)).isEqualTo(value);
  }

  @Property
  void anyTenantShouldStayOneFolderAndComeBack(@ForAll String tenant) {
    String folder = BronzePaths.partitionValue(tenant);
    assertThat(folder).doesNotContain("/").isNotEmpty();
    assertThat("tenant_id=" + folder).isNotIn(".", "..");
    if (!tenant.isEmpty()) {
      assertThat(BronzePaths.unescape(folder)).isEqualTo(tenant);
    }
  }

  @Test
  void shouldTellManifestsFromOtherFiles() {
    assertThat(BronzePaths.manifestNumber("00000000000000000042.json")).hasValue(42);
    assertThat(BronzePaths.manifestNumber("00000000000000000000.json")).isEmpty();
    assertThat(BronzePaths.manifestNumber("99999999999999999999.json")).isEmpty();
    assertThat(BronzePaths.manifestNumber(".00000000000000000042.json.tmp")).isEmpty();
    assertThat(BronzePaths.manifestNumber("42.json")).isEmpty();
    assertThatThrownBy(() -> BronzePaths.manifest(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
