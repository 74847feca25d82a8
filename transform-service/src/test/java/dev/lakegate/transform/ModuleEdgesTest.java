package dev.lakegate.transform;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import dev.lakegate.kit.testing.ModuleRules;
import org.junit.jupiter.api.Test;

class ModuleEdgesTest {
  @Test
  void shouldKeepToItsEdges() {
    ModuleRules.verify("transform");
  }

  @Test
  void shouldPlanWithoutFrameworkFilesOrDatabase() {
    noClasses()
        .that()
        .resideInAPackage("dev.lakegate.transform.plan..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.quarkus..",
            "jakarta..",
            "java.sql..",
            "javax.sql..",
            "java.nio.file..",
            "java.net..",
            "dev.lakegate.kit..",
            "dev.lakegate.transform.run..",
            "dev.lakegate.transform.runner..",
            "dev.lakegate.transform.manifest..",
            "dev.lakegate.transform.lakehouse..",
            "dev.lakegate.transform.service..",
            "dev.lakegate.transform.api..")
        .check(ModuleRules.own("transform"));
  }
}
