package dev.lakegate.model;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "dev.lakegate.model",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule modelDependsOnNoFramework =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.lakegate.model..", "java..", "com.fasterxml.jackson..", "org.snakeyaml.engine..")
          .because("services, jobs' tests and tools all use it, and a native image must as well");

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("dev.lakegate.model.(*)..").should().beFreeOfCycles();
}
