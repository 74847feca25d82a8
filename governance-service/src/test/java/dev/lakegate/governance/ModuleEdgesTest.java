package dev.lakegate.governance;

import dev.lakegate.kit.testing.ModuleRules;
import org.junit.jupiter.api.Test;

class ModuleEdgesTest {
  @Test
  void shouldKeepTheEdgesBetweenModulesAndPackages() {
    ModuleRules.verify("governance");
  }
}
