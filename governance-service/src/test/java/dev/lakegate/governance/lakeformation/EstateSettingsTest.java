package dev.lakegate.governance.lakeformation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.kit.aws.EstateConfig;
import dev.lakegate.kit.config.Platform;
import dev.lakegate.kit.config.StartupCheck.Problem;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EstateSettingsTest {
  private static EstateSettings settings(Platform platform, Map<String, String> more) {
    Map<String, String> values = new HashMap<>();
    more.forEach((name, value) -> values.put("lakegate.aws." + name, value));
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(values, "test", 100))
            .withMapping(EstateConfig.class)
            .withMapping(LakeConfig.class)
            .build();
    EstateSettings settings = new EstateSettings();
    settings.config = config.getConfigMapping(EstateConfig.class);
    settings.work = config.getConfigMapping(LakeConfig.class);
    settings.platform = platform;
    return settings;
  }

  private static Map<String, String> complete() {
    Map<String, String> values = new HashMap<>();
    values.put("lakehouse", "lakegate-dev");
    values.put("database-prefix", "lakegate_dev_");
    values.put("bronze-root", "s3://bronze");
    values.put("silver-root", "s3://silver");
    values.put("gold-root", "s3://gold");
    values.put("tenant-role-path", "/lakegate-dev/tenants/");
    values.put("tenant-boundary-arn", "arn:aws:iam::123456789012:policy/lakegate-dev/boundary");
    values.put("tenant-workgroup-prefix", "lakegate-dev-tenant-");
    values.put("results-root", "s3://results");
    values.put("gateway-role-arn", "arn:aws:iam::123456789012:role/lakegate-dev/gateway");
    return values;
  }

  @Test
  void onTheLaptopNothingIsNeeded() {
    assertThat(settings(Platform.LOCAL, Map.of()).problems()).isEmpty();
  }

  @Test
  void onAwsEachSettingIsNeededAndNamed() {
    assertThat(settings(Platform.AWS, complete()).problems()).isEmpty();
    for (String name : complete().keySet()) {
      Map<String, String> without = complete();
      without.remove(name);
      assertThat(settings(Platform.AWS, without).problems().stream().map(Problem::property))
          .containsExactly("lakegate.aws." + name);
      without.put(name, "?");
      assertThat(settings(Platform.AWS, without).problems().stream().map(Problem::property))
          .containsExactly("lakegate.aws." + name);
    }
  }

  @Test
  void theEstateIsWhatTerraformNamed() {
    Estate estate = settings(Platform.AWS, complete()).estate("eu-west-1");
    assertThat(estate.account()).isEqualTo("123456789012");
    assertThat(estate.roleArn("a"))
        .isEqualTo("arn:aws:iam::123456789012:role/lakegate-dev/tenants/lakegate-dev-tenant-a");
    assertThat(estate.locations()).containsEntry("gold", "arn:aws:s3:::gold");
  }

  /** One list of names: the mapping knows exactly what Terraform's page says. */
  @Test
  void theNamesAreThoseOfTerraformsPage() throws IOException {
    String page =
        Files.readString(
            Path.of(System.getProperty("lakegate.basedir", "..")).resolve("terraform/README.md"));
    TreeSet<String> said = new TreeSet<>();
    Matcher row = Pattern.compile("(?m)^\\| (`LAKEGATE_AWS_[^|]+) \\|").matcher(page);
    while (row.find()) {
      for (String name : row.group(1).replace("`", "").split(", ")) {
        // Of several in a row, the others are short: `_SILVER_ROOT`.
        String whole = name.startsWith("_") ? "LAKEGATE_AWS" + name : name;
        said.add(whole.substring("LAKEGATE_AWS_".length()).toLowerCase(Locale.ROOT));
      }
    }
    TreeSet<String> known = new TreeSet<>();
    for (java.lang.reflect.Method method : EstateConfig.class.getMethods()) {
      known.add(method.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT));
    }
    assertThat(known).isEqualTo(said);
  }
}
