package dev.lakegate.laptop.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceJavaTest {
  private static final Path SCRATCH = Path.of("/data/tmp");
  private static final Path APPLICATION = Path.of("/app/quarkus-run.jar");

  @Test
  void theSupervisorsOwnUnlessSomebodyChoseAnother() {
    List<String> command = ServiceJava.of(Map.of()).command("query-gateway", SCRATCH, APPLICATION);
    assertThat(command).startsWith(ServiceJava.own().toString());
    assertThat(command).endsWith("-Djava.io.tmpdir=/data/tmp", "-jar", "/app/quarkus-run.jar");
  }

  @Test
  void optionsNameTheService() {
    ServiceJava java =
        ServiceJava.of(
            Map.of(
                ServiceJava.EXECUTABLE,
                ServiceJava.own().toString(),
                ServiceJava.OPTIONS,
                " -XX:AOTCacheOutput=/aot/{service}.aot  -Xlog:aot "));
    assertThat(java.command("query-gateway", SCRATCH, APPLICATION))
        .contains("-XX:AOTCacheOutput=/aot/query-gateway.aot", "-Xlog:aot");
  }

  @Test
  void aJavaThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> ServiceJava.of(Map.of(ServiceJava.EXECUTABLE, "/nowhere/java")))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("LAKEGATE_SERVICE_JAVA")
        .hasMessageContaining("/nowhere/java");
  }
}
