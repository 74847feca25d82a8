package dev.lakegate.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DashboardsTest {
  @Test
  void namesOfMetricsAreFoundInPromql() {
    assertThat(
            Dashboards.metrics(
                "histogram_quantile(0.95, sum by (le, state) (rate(a_bucket{x=~\"b|c_d\"}[5m])))"
                    + " / on (service) group_left sum(up{job=\"lakegate\"}) > 0.5 * e_bytes"))
        .containsExactly("a_bucket", "e_bytes", "up");
  }

  @Test
  void namesOfSeriesAreFoundInWhatAServiceShows() {
    assertThat(Dashboards.exported("# HELP a b\na{x=\"1 2\"} 3.0\nb_total 4\n\n"))
        .containsExactly("a", "b_total");
  }

  @Test
  void everyPanelHasATitleAPlaceAndSaysWhatItShows() throws Exception {
    Set<String> boards = new HashSet<>();
    for (Path file : Dashboards.files()) {
      JsonNode board = Dashboards.read(file);
      assertThat(boards.add(board.path("uid").asText())).as(file.toString()).isTrue();
      assertThat(file.getFileName()).hasToString(board.path("uid").asText() + ".json");
      Set<Integer> ids = new HashSet<>();
      Set<String> taken = new HashSet<>();
      for (JsonNode panel : board.path("panels")) {
        String where = file.getFileName() + ": " + panel.path("title").asText();
        assertThat(ids.add(panel.path("id").asInt())).as(where).isTrue();
        assertThat(panel.path("description").asText()).as(where).isNotBlank();
        assertThat(panel.path("targets")).as(where).isNotEmpty();
        JsonNode at = panel.path("gridPos");
        assertThat(at.path("x").asInt() + at.path("w").asInt()).as(where).isBetween(1, 24);
        for (int x = at.path("x").asInt(); x < at.path("x").asInt() + at.path("w").asInt(); x++) {
          for (int y = at.path("y").asInt(); y < at.path("y").asInt() + at.path("h").asInt(); y++) {
            assertThat(taken.add(x + "," + y)).as(where + " lies over another panel").isTrue();
          }
        }
      }
    }
    assertThat(boards)
        .containsExactlyInAnyOrder("service-health", "pipeline", "queries", "tenants");
  }
}
