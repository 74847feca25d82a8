package dev.lakegate.kit.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;

/**
 * The rules for the edges between modules, for each module's tests: {@code
 * ModuleRules.verify("governance")}. They look at the module's own classes, without its tests.
 */
public final class ModuleRules {
  private static final List<String> SERVICES =
      List.of("ingest", "transform", "gateway", "governance", "laptop", "jobs");

  private ModuleRules() {}

  /**
   * Fails when classes of {@code dev.lakegate.<module>} depend on another service, or when its
   * packages depend on each other in a circle.
   *
   * @throws AssertionError with every violation
   */
  public static void verify(String module) {
    JavaClasses classes = own(module);
    noOtherService(module).check(classes);
    noCycles(module).check(classes);
  }

  /** The module's own classes; at least one, otherwise a rule would hold by mistake. */
  public static JavaClasses own(String module) {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lakegate." + module);
    if (classes.isEmpty()) {
      throw new AssertionError("no class in dev.lakegate." + module);
    }
    return classes;
  }

  /** Services talk through their REST calls, never through classes. */
  public static ArchRule noOtherService(String module) {
    String[] others =
        SERVICES.stream()
            .filter(service -> !service.equals(module))
            .map(service -> "dev.lakegate." + service + "..")
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage("dev.lakegate." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .as("dev.lakegate." + module + " depends on none of " + Arrays.toString(others));
  }

  /** A package is a feature; features that need each other in a circle are one feature. */
  public static ArchRule noCycles(String module) {
    return slices()
        .matching("dev.lakegate." + module + ".(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true);
  }
}
