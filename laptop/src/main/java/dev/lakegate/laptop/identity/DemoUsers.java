package dev.lakegate.laptop.identity;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The laptop's users. Who they are follows from their names; they share the demo password. */
final class DemoUsers {
  /** What the tokens of a user say. {@code tier} is null for all but tier teams. */
  record DemoUser(String name, List<String> personas, List<String> tenants, String tier) {}

  static final String HINT =
      "admin, engineer, analyst, analyst@<tenant> (for example analyst@tenant-1), team@<tier>";

  private static final int LONGEST_TENANT = 63;
  private static final Pattern TIER = Pattern.compile("[a-z0-9_-]{1,20}");

  private DemoUsers() {}

  static Optional<DemoUser> find(String name) {
    if (name == null) {
      return Optional.empty();
    }
    return switch (name) {
      case "admin" -> user(name, "LakeFormationAdmin");
      case "engineer" -> user(name, "DataEngineer");
      case "analyst" -> user(name, "DataAnalyst");
      default -> scoped(name);
    };
  }

  private static Optional<DemoUser> scoped(String name) {
    int at = name.indexOf('@');
    if (at < 0) {
      return Optional.empty();
    }
    String kind = name.substring(0, at);
    String scope = name.substring(at + 1);
    if (kind.equals("analyst") && isTenantId(scope)) {
      return Optional.of(
          new DemoUser(name, List.of("TenantSpecificAnalyst"), List.of(scope), null));
    }
    if (kind.equals("team") && TIER.matcher(scope).matches()) {
      return Optional.of(new DemoUser(name, List.of("TenantSpecificAnalyst"), List.of(), scope));
    }
    return Optional.empty();
  }

  /** Any tenant id that the source's column can hold, as long as it can be shown on one line. */
  private static boolean isTenantId(String text) {
    return !text.isBlank()
        && text.length() <= LONGEST_TENANT
        && text.codePoints().noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029)
        && text.equals(text.strip());
  }

  private static Optional<DemoUser> user(String name, String persona) {
    return Optional.of(new DemoUser(name, List.of(persona), List.of(), null));
  }
}
