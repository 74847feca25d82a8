package dev.lakegate.laptop.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartChecksTest {
  @TempDir Path directory;

  @Test
  void aTakenPortIsNamedWithItsHolderAndOption() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ports free = Ports.free();
      Ports ports =
          new Ports(
              free.gateway(),
              free.gatewayTls(),
              taken.getLocalPort(),
              free.transform(),
              free.governance(),
              free.identity(),
              free.postgres());
      assertThat(ports.areFree()).isFalse();
      assertThatThrownBy(() -> ports.check(true))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("Port " + taken.getLocalPort() + " is taken")
          .hasMessageContaining("--ingest-port")
          .hasMessageContaining("LAKEGATE_INGEST_PORT");
      if (Files.exists(Path.of("/proc/net/tcp"))) {
        assertThatThrownBy(() -> ports.check(true))
            .hasMessageContaining("process " + ProcessHandle.current().pid());
      }
    }
  }

  @Test
  void portsMustDiffer() {
    Ports free = Ports.free();
    Ports ports =
        new Ports(
            free.gateway(),
            free.gateway(),
            free.ingest(),
            free.transform(),
            free.governance(),
            0,
            free.postgres());
    assertThatThrownBy(() -> ports.check(true))
        .hasMessageContaining("given twice (--gateway-tls-port)")
        .hasMessageContaining("--identity-port 0 is no port");
  }

  @Test
  void aDataDirectoryHasOneOwner() {
    try (DataDirectory first = DataDirectory.open(directory.resolve("data"))) {
      assertThat(first.root().resolve("VERSION")).hasContent("1");
      assertThatThrownBy(() -> DataDirectory.open(directory.resolve("data")))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("already runs on the data directory");
    }
    DataDirectory.open(directory.resolve("data")).close();
  }

  @Test
  void aDataDirectoryOfAnotherVersionIsRefused() throws Exception {
    Files.writeString(directory.resolve("VERSION"), "7\n");
    assertThatThrownBy(() -> DataDirectory.open(directory))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("is of version 7; this Lakegate needs version 1");
  }

  @Test
  void aDirectoryOfSomethingElseIsRefused() throws Exception {
    Files.writeString(directory.resolve("thesis.txt"), "precious");
    assertThatThrownBy(() -> DataDirectory.open(directory))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("thesis.txt")
        .hasMessageContaining("no data directory");
    assertThat(directory.resolve("VERSION")).doesNotExist();
  }

  @Test
  void theStateFileIsForItsOwnerAlone() throws Exception {
    try (DataDirectory data = DataDirectory.open(directory.resolve("data"))) {
      StackState state =
          new StackState(
              1,
              "ready",
              StackState.ProcessMark.of("supervisor", ProcessHandle.current()),
              List.of(),
              Map.of("gateway", "http://127.0.0.1:1"),
              "secret",
              new StackState.Source(true, "jdbc:postgresql://127.0.0.1:1/app", "app", "secret2"),
              Instant.now().truncatedTo(ChronoUnit.MICROS));
      state.write(data.root());
      Path file = data.root().resolve("run/state.json");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThat(StackState.read(data.root())).contains(state);
      assertThat(state.isRunning()).isTrue();
      assertThat(state.toString()).doesNotContain("secret");
      StackState.remove(data.root());
      assertThat(StackState.read(data.root())).isEmpty();
    }
  }

  @Test
  void theCertificateIsMadeOnceAndItsKeyIsPrivate() throws Exception {
    GatewayCertificate.ensure(directory);
    byte[] made = Files.readAllBytes(GatewayCertificate.certificate(directory));
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(GatewayCertificate.key(directory))))
        .isEqualTo("rw-------");
    GatewayCertificate.ensure(directory);
    assertThat(Files.readAllBytes(GatewayCertificate.certificate(directory))).isEqualTo(made);
    try (var files = Files.list(directory)) {
      assertThat(files).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jdbc:postgresql://h:1/db?user=u&password=p%40w | jdbc:postgresql://h:1/db | u | p@w",
        "postgres://u:p%2Fw@h/db | jdbc:postgresql://h/db | u | p/w",
        "postgresql://u@h:5/db?sslmode=require | jdbc:postgresql://h:5/db?sslmode=require | u | env",
        "jdbc:postgresql://h/db?sslmode=require | jdbc:postgresql://h/db?sslmode=require | env | env",
        "postgres://u:a+b@[::1]:5/db | jdbc:postgresql://[::1]:5/db | u | a+b"
      })
  void aSourceIsTakenApart(String text, String url, String user, String password) {
    SourceAddress source = SourceAddress.parse(text, "env", "env");
    assertThat(source.jdbcUrl()).isEqualTo(url);
    assertThat(source.username()).isEqualTo(user);
    assertThat(source.password()).isEqualTo(password);
    assertThat(source.toString()).doesNotContain(password.equals("env") ? "\0" : password);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://u:topsecret@h/db",
        "jdbc:postgresql://h",
        "jdbc:postgresql://h/db",
        "postgres://u:topsecret@h",
        "postgres://u:top secret@h/db"
      })
  void anAddressThatCannotBeUsedIsRefusedWithoutShowingIt(String text) {
    assertThatThrownBy(() -> SourceAddress.parse(text, null, null))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("--source")
        .message()
        .doesNotContain("secret");
  }
}
