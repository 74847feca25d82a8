package dev.lakegate.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "dev.lakegate.gateway",
    importOptions = ImportOption.DoNotIncludeTests.class)
class GatewayModulesTest {
  @ArchTest
  static final ArchRule theSqlBoundaryIsPure =
      noClasses()
          .that()
          .resideInAPackage("..gateway.sql..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.quarkus..",
              "jakarta..",
              "java.sql..",
              "java.nio.file..",
              "org.duckdb..",
              "dev.lakegate.kit..",
              "..gateway.engine..",
              "..gateway.catalog..",
              "..gateway.policy..",
              "..gateway.query..",
              "..gateway.audit..")
          .because("what decides which SQL runs is tested without a server and without an engine");

  @ArchTest
  static final ArchRule onlyTheEngineKnowsDuckDb =
      noClasses()
          .that()
          .resideOutsideOfPackage("..gateway.engine..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.duckdb..", "java.sql..")
          .because("another engine must be able to stand in its place");
}
