package dev.lakegate.gateway.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.policy.Principal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WorkgroupsTest {
  private final Workgroups workgroups =
      new Workgroups(LakehouseLoader.load(Path.of("../lakehouse")).governance());

  private static Principal with(String... personas) {
    return new Principal("i", "s", new TreeSet<>(Arrays.asList(personas)), new TreeSet<>(), null);
  }

  @Test
  void shouldPutEverybodyIntoTheirOwn() {
    assertThat(workgroups.choose(with("LakeFormationAdmin"), null)).isEqualTo("primary");
    assertThat(workgroups.choose(with("DataAnalyst"), " ")).isEqualTo("analytics-team");
    assertThat(workgroups.choose(with("TenantSpecificAnalyst"), null)).isEqualTo("analytics-team");
    assertThat(workgroups.choose(with("DataEngineer"), null)).isEqualTo("data-engineering");
    assertThat(workgroups.choose(with(), null)).isEqualTo("primary");
  }

  @Test
  void shouldLetOnlyMembersChoose() {
    assertThat(workgroups.choose(with("DataAnalyst", "DataEngineer"), "data-engineering"))
        .isEqualTo("data-engineering");
    assertThat(workgroups.choose(with("LakeFormationAdmin"), "analytics-team"))
        .isEqualTo("analytics-team");
    for (String other : new String[] {"data-engineering", "primary", "nobody", "PRIMARY"}) {
      assertThatThrownBy(() -> workgroups.choose(with("DataAnalyst"), other))
          .isInstanceOfSatisfying(
              LakegateException.class,
              e -> {
                assertThat(e.code()).isEqualTo("WORKGROUP_NOT_ALLOWED");
                assertThat(e.remedy()).contains("analytics-team").doesNotContain("engineering");
              });
    }
  }
}
