package dev.lakegate.governance.lakeformation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How this service goes about its work in Lake Formation. */
@ConfigMapping(prefix = "lakegate.aws.lake-formation")
interface LakeConfig {
  /** Whether a proposed tenant needs nobody's word. */
  @WithDefault("false")
  boolean approveTenants();

  /** Most changes of AWS in a second. */
  @WithDefault("5")
  double callsPerSecond();

  /** Pause between looks for drift; {@code off} for none. */
  @WithDefault("15m")
  String driftEvery();

  /** Most bytes that one query of a tenant may scan: Athena takes 10 MB and more. */
  @WithDefault("1073741824")
  long tenantBytesScanned();

  /** How long whoever applies a plan may be silent before somebody else may. */
  @WithDefault("PT2M")
  Duration lease();
}
