package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.source.CatalogColumn;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.SourceDatabase.Look;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaBookTest {
  private static final String FILE = "7/70";
  private static final CatalogColumn A = column("a", 1, "600");
  private static final CatalogColumn B = column("b", 2, "600");
  private static final TableLooks.Table BEFORE =
      TableLooks.Table.of(1, look(FILE, 2, 0, "9/600", A, B), null);

  private static CatalogColumn column(String name, int number, String altered, String... labels) {
    return new CatalogColumn(
        new SourceColumn(name, "text", "varchar", true), number, false, altered, List.of(labels));
  }

  private static Look look(
      String storage, int attributes, int lastDropped, String published, CatalogColumn... columns) {
    return new Look(
        new CatalogTable(
            7, "public", "t", 'r', 'd', true, "o", true, true, 0, List.of("a"), storage),
        List.of(columns),
        attributes,
        lastDropped,
        published,
        new TreeMap<>());
  }

  private static String unlogged(int attributes, int lastDropped, CatalogColumn... columns) {
    return SchemaBook.unlogged(BEFORE, look(FILE, attributes, lastDropped, "9/600", columns))
        .orElse(null);
  }

  @Test
  void whatTheLogCarriesIsNoReason() {
    assertThat(unlogged(2, 0, A, B)).isNull();
    assertThat(unlogged(2, 2, A)).isNull();
    assertThat(unlogged(3, 0, A, B, column("c", 3, "601"))).isNull();
    assertThat(unlogged(3, 2, A, column("c", 3, "601"))).isNull();
    assertThat(unlogged(3, 3, A, B)).isNull();
  }

  @Test
  void columnsAreToldApartByTheirNumbers() {
    assertThat(unlogged(2, 0, column("b", 1, "601"), column("a", 2, "601")))
        .contains("another one");
    assertThat(unlogged(3, 2, A, column("b", 3, "601"))).contains("another one");
    assertThat(unlogged(2, 1, column("a", 2, "601"))).contains("another one");
    assertThat(unlogged(2, 0, A, column("c", 2, "601"))).contains("had another name");
    assertThat(unlogged(4, 3, A, B, column("c", 4, "601"))).contains("dropped meanwhile");
  }

  @Test
  void aColumnThatIsGoneIsRemembered() {
    TableLooks.Table later =
        BEFORE.then(TableLooks.Table.of(1, look(FILE, 2, 2, "9/600", A), null));
    assertThat(SchemaBook.unlogged(later, look(FILE, 3, 2, "9/600", A, column("b", 3, "602"))))
        .isPresent();
  }

  @Test
  void labelsMayBeAddedButNotRenamed() {
    TableLooks.Table before =
        TableLooks.Table.of(1, look(FILE, 1, 0, null, column("a", 1, "600", "1=x", "2=y")), null);
    assertThat(
            SchemaBook.unlogged(
                before, look(FILE, 1, 0, null, column("a", 1, "600", "1=x", "2=y", "3=z"))))
        .isEmpty();
    assertThat(
            SchemaBook.unlogged(
                before, look(FILE, 1, 0, null, column("a", 1, "600", "1=x", "2=z"))))
        .isPresent();
  }

  @Test
  void anotherMembershipInThePublicationIsAGap() {
    assertThat(SchemaBook.unlogged(BEFORE, look(FILE, 2, 0, "10/601", A, B))).isPresent();
    assertThat(SchemaBook.unlogged(BEFORE, look(FILE, 2, 0, null, A, B))).isPresent();
  }

  @Test
  void onlyAnAlteredColumnInAnotherFileIsRewritten() {
    CatalogColumn altered = column("b", 2, "601");
    assertThat(SchemaBook.rewritten(BEFORE, look(FILE, 2, 0, "9/600", A, altered))).isEmpty();
    assertThat(SchemaBook.rewritten(BEFORE, look("7/71", 2, 0, "9/600", A, B))).isEmpty();
    assertThat(SchemaBook.rewritten(BEFORE, look("7/71", 2, 0, "9/600", A, altered))).isPresent();
  }

  @Test
  void looksAreReadAsTheyWereWritten(@TempDir Path root) throws Exception {
    Files.createDirectories(root.resolve("bronze"));
    TableLooks looks = new TableLooks(root);
    looks.load();
    assertThat(looks.publication()).isNull();
    looks.put("t", BEFORE);
    TableLooks.Publication publication = new TableLooks.Publication(9, "600", "10");
    looks.put(publication);
    TableLooks read = new TableLooks(root);
    read.load();
    assertThat(read.table("t", 1)).isEqualTo(BEFORE);
    assertThat(read.table("t", 2)).isNull();
    assertThat(read.publication()).isEqualTo(publication);
  }
}
