package dev.lakegate.terraform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Formatting, {@code terraform test} of every module, and that every validation has its test. */
class ModulesTest {

  @Test
  void isFormatted() {
    Terraform.Outcome outcome =
        Terraform.shared().run(".", "fmt", "-check", "-recursive", "-no-color");
    assertThat(outcome.exitCode())
        .as("terraform fmt -recursive mends: " + outcome.output())
        .isZero();
  }

  @Test
  void modulesDoWhatTheySay() {
    Terraform terraform = Terraform.shared();
    terraform.initialise(".");
    Terraform.Outcome outcome = terraform.run(".", "test", "-no-color");
    assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    Matcher summary = Pattern.compile("Success! (\\d+) passed, 0 failed").matcher(outcome.output());
    assertThat(summary.find()).as(outcome.output()).isTrue();
    assertThat(Integer.parseInt(summary.group(1))).isGreaterThan(50);
  }

  /** Needs no Terraform: who adds a validation without a test hears about it everywhere. */
  @Test
  void everyValidationIsShownToFire() throws IOException {
    Path root = Terraform.repository().resolve("terraform");
    try (Stream<Path> modules = Files.list(root.resolve("modules"))) {
      for (Path module : Stream.concat(modules.sorted(), Stream.of(root)).toList()) {
        String name = module.equals(root) ? "root" : module.getFileName().toString();
        String tests = Files.readString(root.resolve("tests/" + name + ".tftest.hcl"));
        validations(module.resolve("variables.tf"))
            .forEach(
                (variable, count) ->
                    assertThat(refusals(tests, variable))
                        .as("runs in tests/%s.tftest.hcl in which var.%s refuses", name, variable)
                        .isGreaterThanOrEqualTo(count));
      }
    }
  }

  private static long refusals(String tests, String variable) {
    return Pattern.compile("expect_failures = \\[[^\\]]*var\\." + variable + "\\b")
        .matcher(tests)
        .results()
        .count();
  }

  /** Number of validations of each variable that has any. */
  private static Map<String, Long> validations(Path variables) throws IOException {
    return Pattern.compile("variable \"(\\w+)\" \\{\n(.*?)\n\\}\n", Pattern.DOTALL)
        .matcher(Files.readString(variables) + "\n")
        .results()
        .filter(match -> match.group(2).contains("validation {"))
        .collect(
            Collectors.toMap(
                match -> match.group(1),
                match ->
                    match.group(2).lines().filter(line -> line.contains("validation {")).count()));
  }
}
