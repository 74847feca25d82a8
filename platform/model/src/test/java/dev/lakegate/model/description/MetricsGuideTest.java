package dev.lakegate.model.description;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of metrics in the guide is what their headers say. */
class MetricsGuideTest {
  private static final Path GUIDE =
      Path.of(System.getProperty("lakegate.basedir"), "docs/METRICS.md");
  private static final String MARK = "<!-- From here on written by MetricsGuideTest. -->\n";

  @Test
  void guideShouldSayWhatTheHeadersSay() throws IOException {
    String guide = Files.readString(GUIDE);
    assertThat(guide).contains(MARK);
    String preface = guide.substring(0, guide.indexOf(MARK) + MARK.length());
    String expected = preface + list(LakehouseLoader.load(LakehouseFixture.SHIPPED));
    if (Boolean.getBoolean("lakegate.docs.write")) {
      Files.writeString(GUIDE, expected);
    }
    assertThat(Files.readString(GUIDE))
        .as("docs/METRICS.md; run this test with -Dlakegate.docs.write=true to write it anew")
        .isEqualTo(expected);
  }

  @Test
  void prefaceShouldNameEachMetric() throws IOException {
    String guide = Files.readString(GUIDE);
    String preface = guide.substring(0, guide.indexOf(MARK));
    LakehouseLoader.load(LakehouseFixture.SHIPPED)
        .metrics()
        .forEach(metric -> assertThat(preface).contains("[" + metric.name() + "]"));
  }

  private static String list(Lakehouse lakehouse) {
    StringBuilder text = new StringBuilder();
    for (Metric metric : lakehouse.metrics()) {
      text.append("\n## ").append(metric.name()).append("\n\n");
      text.append(metric.description()).append("\n\n");
      text.append("One row for each ").append(codes(metric.grain())).append(". Read from ");
      text.append(codes(metric.inputs())).append(". ");
      text.append(
          metric.clock() == Metric.Clock.NONE
              ? "Does not look at the clock."
              : "Looks at the UTC day: computed anew when it changes.");
      text.append(
          metric.incremental() == null
              ? " Always computed whole."
              : " A change is computed for its " + codes(metric.incremental().by()) + ".");
      text.append(
          metric.partitionBy().isEmpty()
              ? ""
              : " Partitioned by " + codes(metric.partitionBy()) + ".");
      text.append(metric.scope() == Scope.TENANT ? "" : " Scope " + metric.scope().id() + ".");
      text.append("\n\n| column | type | |\n|---|---|---|\n");
      for (Metric.Column column : metric.columns()) {
        text.append("| `")
            .append(column.name())
            .append("` | ")
            .append(column.type().text())
            .append(column.nullable() ? ", may be NULL" : "")
            .append(" | ")
            .append(column.description().replace("|", "\\|"))
            .append(column.pii() ? " **Personal data.**" : "")
            .append(" |\n");
      }
      if (!metric.expectations().isEmpty()) {
        text.append("\nExpected: ");
        text.append(
            metric.expectations().stream()
                .map(
                    e ->
                        "`"
                            + e.name()
                            + "` ("
                            + e.description().replaceAll("[.]$", "")
                            + (e.severity() == Expectation.Severity.BLOCK
                                ? "; otherwise nothing is published"
                                : "")
                            + ")")
                .collect(Collectors.joining(", ")));
        text.append(".\n");
      }
    }
    return text.toString();
  }

  private static String codes(Iterable<String> names) {
    return java.util.stream.StreamSupport.stream(names.spliterator(), false)
        .map(name -> "`" + name + "`")
        .collect(Collectors.joining(", "));
  }
}
