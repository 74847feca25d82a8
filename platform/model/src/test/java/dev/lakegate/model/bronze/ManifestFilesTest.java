package dev.lakegate.model.bronze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.contracts.GoldenFiles;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestFilesTest {
  @TempDir Path root;

  @Test
  void shouldReadWhatItWrote() throws IOException {
    Manifest manifest = manifest(1);
    Path file = new ManifestWriter(root).write(manifest);
    assertThat(root.relativize(file).toString()).isEqualTo(BronzePaths.manifest(1));
    assertThat(ManifestReader.read(file)).isEqualTo(manifest);
    assertThat(new ManifestReader(root).last()).contains(manifest);
    assertThat(files()).containsExactly("00000000000000000001.json");
  }

  @Test
  void shouldReadManifestsOfVersion1() throws IOException {
    Path file = root.resolve(BronzePaths.manifest(2));
    Files.createDirectories(file.getParent());
    Files.writeString(file, GoldenFiles.earlier("manifest.1.json"));
    Manifest manifest = new ManifestReader(root).read(2).orElseThrow();
    assertThat(manifest.version()).isEqualTo(Manifest.VERSION);
    assertThat(manifest.timeline()).isNull();
    assertThat(manifest.copiesBegun()).isEmpty();
    assertThat(manifest.schemaApprovals()).isEmpty();
    assertThat(manifest.copiesCompleted())
        .containsExactly(new CopyCompleted("core_order", 1, 1200, null));
    assertThat(manifest.schemaChanges().get(0).effect()).isNull();
    assertThat(manifest.files()).hasSize(2);
  }

  @Test
  void shouldNeverReplaceAManifest() throws IOException {
    ManifestWriter writer = new ManifestWriter(root);
    Path file = writer.write(manifest(1));
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(() -> writer.write(manifest(1)))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(files()).hasSize(1);
  }

  @Test
  void oneOfManyWritersShouldWin() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(8);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Boolean>> attempts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        ManifestWriter writer = new ManifestWriter(root);
        Callable<Boolean> attempt =
            () -> {
              start.await();
              try {
                writer.write(manifest(1));
                return true;
              } catch (FileAlreadyExistsException e) {
                return false;
              }
            };
        attempts.add(executor.submit(attempt));
      }
      start.countDown();
      int won = 0;
      for (Future<Boolean> attempt : attempts) {
        won += attempt.get() ? 1 : 0;
      }
      assertThat(won).isEqualTo(1);
      assertThat(new ManifestReader(root).last()).contains(manifest(1));
      assertThat(files()).hasSize(1);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void chainShouldEndAtAGapAndTheWriterShouldBeToldOfIt() throws IOException {
    ManifestWriter writer = new ManifestWriter(root);
    for (long number : new long[] {1, 2, 3, 5}) {
      writer.write(manifest(number));
    }
    ManifestReader reader = new ManifestReader(root);
    assertThat(reader.chain(1, 100)).extracting(Manifest::number).containsExactly(1L, 2L, 3L);
    assertThat(reader.chain(2, 1)).extracting(Manifest::number).containsExactly(2L);
    assertThat(reader.chain(4, 100)).isEmpty();
    assertThatThrownBy(reader::last)
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("manifest 4 is missing although 5 exists");
  }

  @Test
  void manifestsOfARollUpShouldReadLikeSingleOnes() throws IOException {
    ManifestWriter writer = new ManifestWriter(root);
    for (long number = 1; number <= 7; number++) {
      writer.write(manifest(number));
    }
    ManifestReader reader = new ManifestReader(root);
    List<Manifest> before = reader.chain(1, 100);
    Path file = writer.write(rollUp(1, 3));
    assertThat(root.relativize(file).toString())
        .isEqualTo(BronzePaths.rollUp(new RollUp.Range(1, 3)));
    writer.write(rollUp(4, 5));
    // Any part of what the roll-ups hold may be deleted already.
    for (long deleted : new long[] {2, 1, 3, 5, 4}) {
      Files.delete(root.resolve(BronzePaths.manifest(deleted)));
      assertThat(reader.chain(1, 100)).isEqualTo(before);
      assertThat(new ManifestReader(root).last()).contains(manifest(7));
    }
    assertThat(reader.read(4)).contains(manifest(4));
    assertThat(reader.read(8)).isEmpty();
    assertThat(reader.rollUps()).containsExactly(new RollUp.Range(1, 3), new RollUp.Range(4, 5));
    assertThat(reader.readRollUp(new RollUp.Range(4, 5))).isEqualTo(rollUp(4, 5));
    assertThatThrownBy(() -> writer.write(rollUp(4, 5)))
        .isInstanceOf(FileAlreadyExistsException.class);
    Files.delete(root.resolve(BronzePaths.manifest(6)));
    assertThatThrownBy(() -> new ManifestReader(root).last())
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("manifest 6 is missing although 7 exists");
  }

  @Test
  void aRollUpShouldCountBeforeTheManifestsItHolds() throws IOException {
    ManifestWriter writer = new ManifestWriter(root);
    for (long number = 1; number <= 4; number++) {
      writer.write(manifest(number));
    }
    ManifestReader reader = new ManifestReader(root);
    assertThat(reader.chain(1, 10).get(1).files()).isNotEmpty();
    RollUp plain = rollUp(1, 3);
    List<Manifest> merged = new ArrayList<>(plain.manifests());
    merged.set(1, withoutFiles(merged.get(1)));
    writer.write(new RollUp(1, 1, 3, "0001", plain.createdAt(), merged, List.of("replaced")));
    assertThat(reader.chain(1, 10).get(1).files()).isEmpty();
    assertThat(reader.chain(1, 10)).hasSize(4);
  }

  @Test
  void aMissingRollUpShouldBeAGap() throws IOException {
    ManifestWriter writer = new ManifestWriter(root);
    writer.write(manifest(1));
    writer.write(rollUp(3, 4));
    writer.write(manifest(5));
    assertThatThrownBy(() -> new ManifestReader(root).last())
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("manifest 2 is missing although 5 exists");
  }

  @Test
  void aRollUpOfManifestsOfVersion1ShouldBeRead() throws IOException {
    ObjectNode rollUp = (ObjectNode) Json.MAPPER.readTree(Json.write(rollUp(2, 2)));
    rollUp.putArray("manifests").add(Json.MAPPER.readTree(GoldenFiles.earlier("manifest.1.json")));
    Path file = root.resolve(BronzePaths.rollUp(new RollUp.Range(2, 2)));
    Files.createDirectories(file.getParent());
    Files.writeString(file, rollUp.toString());
    Manifest manifest = new ManifestReader(root).read(2).orElseThrow();
    assertThat(manifest.version()).isEqualTo(Manifest.VERSION);
    assertThat(manifest.copiesBegun()).isEmpty();
  }

  @Test
  void aRollUpThatContradictsItselfShouldBeRefused() throws IOException {
    Path file = root.resolve(BronzePaths.rollUp(new RollUp.Range(2, 3)));
    Files.createDirectories(file.getParent());
    String whole = Json.write(rollUp(2, 3));
    for (String broken :
        List.of(
            whole.substring(0, whole.length() / 2),
            Json.write(rollUp(3, 4)),
            whole.replaceFirst("\"number\":3", "\"number\":4"),
            whole.replaceFirst("\"last\":3", "\"last\":4"),
            whole.replaceFirst("\"epoch\":\"0001\"", "\"epoch\":\"0002\""))) {
      Files.writeString(file, broken);
      assertThatThrownBy(() -> new ManifestReader(root).read(2))
          .isInstanceOf(ContractException.class)
          .hasMessageContaining(file.getFileName().toString());
    }
  }

  @Test
  void aReaderShouldSeeTheWholeChainWhileItIsRolledUp() throws Exception {
    int manifests = 60;
    ManifestWriter writer = new ManifestWriter(root);
    for (long number = 1; number <= manifests; number++) {
      writer.write(manifest(number));
    }
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Callable<Void> rolling =
          () -> {
            for (long first = 1; first + 5 <= manifests; first += 5) {
              writer.write(rollUp(first, first + 4));
              for (long number = first; number < first + 5; number++) {
                Files.delete(root.resolve(BronzePaths.manifest(number)));
              }
            }
            return null;
          };
      Future<Void> rolled = executor.submit(rolling);
      boolean done;
      do {
        done = rolled.isDone();
        ManifestReader reader = new ManifestReader(root);
        assertThat(reader.lastNumber()).isEqualTo(manifests);
        assertThat(reader.chain(1, 1000)).hasSize(manifests);
      } while (!done);
      rolled.get();
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void noLakeShouldBeAnEmptyChain() {
    ManifestReader reader = new ManifestReader(root.resolve("nowhere"));
    assertThat(reader.last()).isEmpty();
    assertThat(reader.chain(1, 10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "null", "[]", "\"text\"", "{}", "{\"version\":1}", "{\"version\":\"1\"}"})
  void incompleteFilesShouldBeClearErrors(String content) throws IOException {
    assertRefused(content);
  }

  @Test
  void everyPrefixOfAManifestShouldBeRefused() throws IOException {
    String whole = Json.write(manifest(1));
    for (int end = 0; end < whole.length(); end += 7) {
      assertRefused(whole.substring(0, end));
    }
    assertRefused(whole + "x");
    assertRefused(whole + whole);
  }

  @Test
  void shouldRefuseANameThatContradictsTheContent() throws IOException {
    assertRefused(Json.write(manifest(7)));
  }

  private void assertRefused(String content) throws IOException {
    Path file = root.resolve(BronzePaths.manifest(1));
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    assertThatThrownBy(() -> new ManifestReader(root).chain(1, 10))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("00000000000000000001.json");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(BronzePaths.MANIFESTS))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static Manifest withoutFiles(Manifest m) {
    return new Manifest(
        m.version(),
        m.number(),
        m.epoch(),
        m.sourceId(),
        m.timeline(),
        m.createdAt(),
        null,
        null,
        m.position(),
        List.of(),
        m.copiesBegun(),
        m.copiesCompleted(),
        m.schemaChanges(),
        m.schemaApprovals());
  }

  private static RollUp rollUp(long first, long last) {
    List<Manifest> manifests = new ArrayList<>();
    for (long number = first; number <= last; number++) {
      manifests.add(manifest(number));
    }
    return new RollUp(
        RollUp.VERSION,
        first,
        last,
        "0001",
        Instant.parse("2026-03-03T10:20:00Z"),
        manifests,
        List.of());
  }

  private static Manifest manifest(long number) {
    Manifest golden = Json.read(GoldenFiles.read("manifest.json"), Manifest.class);
    return new Manifest(
        golden.version(),
        number,
        golden.epoch(),
        golden.sourceId(),
        golden.timeline(),
        golden.createdAt(),
        golden.firstSequence(),
        golden.lastSequence(),
        golden.position(),
        golden.files(),
        golden.copiesBegun(),
        golden.copiesCompleted(),
        golden.schemaChanges(),
        golden.schemaApprovals());
  }
}
