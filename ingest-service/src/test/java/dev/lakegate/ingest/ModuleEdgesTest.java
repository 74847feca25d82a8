package dev.lakegate.ingest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import dev.lakegate.kit.testing.ModuleRules;
import org.junit.jupiter.api.Test;

class ModuleEdgesTest {
  @Test
  void keepsToItself() {
    ModuleRules.verify("ingest");
  }

  @Test
  void theDecoderAndTheLagKnowNothingButJava() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.lakegate.ingest.pgoutput..", "dev.lakegate.ingest.lag..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "java.lang..",
            "java.util..",
            "java.nio..",
            "dev.lakegate.ingest.pgoutput..",
            "dev.lakegate.ingest.lag..")
        .check(ModuleRules.own("ingest"));
  }

  @Test
  void bronzeKnowsNothingOfTheSource() {
    noClasses()
        .that()
        .resideInAPackage("dev.lakegate.ingest.bronze..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.lakegate.ingest.source..", "dev.lakegate.ingest.capture..", "org.postgresql..")
        .check(ModuleRules.own("ingest"));
  }
}
