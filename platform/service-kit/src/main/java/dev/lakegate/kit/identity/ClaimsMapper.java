package dev.lakegate.kit.identity;

import dev.lakegate.model.policy.Principal;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Maps claims to a principal by configurable paths.
 *
 * @param personas path of the personas claim, {@code /} between names
 * @param tenants path of the tenants claim
 * @param tier path of the tier claim
 */
record ClaimsMapper(String personas, String tenants, String tier) {
  /**
   * The principal.
   *
   * @throws IllegalArgumentException when a claim has the wrong shape
   */
  Principal principal(Map<String, Object> claims) {
    return new Principal(
        text(claims, "iss", true),
        text(claims, "sub", true),
        (TreeSet<String>) texts(claims, personas),
        (TreeSet<String>) texts(claims, tenants),
        text(claims, tier, false));
  }

  private static String text(Map<String, Object> claims, String path, boolean required) {
    Object value = find(claims, path);
    if (value == null && !required) {
      return null;
    }
    if (value instanceof String text && !text.isBlank()) {
      return text;
    }
    throw new IllegalArgumentException("claim '" + path + "' is not a text");
  }

  private static Set<String> texts(Map<String, Object> claims, String path) {
    Object value = find(claims, path);
    TreeSet<String> texts = new TreeSet<>();
    if (value == null) {
      return texts;
    }
    if (!(value instanceof Collection<?> several)) {
      throw new IllegalArgumentException("claim '" + path + "' is not an array of texts");
    }
    for (Object one : several) {
      if (!(one instanceof String text) || text.isBlank()) {
        throw new IllegalArgumentException("claim '" + path + "' is not an array of texts");
      }
      texts.add(text);
    }
    return texts;
  }

  private static Object find(Map<String, Object> claims, String path) {
    Object value = claims;
    for (String name : path.split("/")) {
      if (value == null) {
        return null;
      }
      if (!(value instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException("claim '" + path + "' is not an object on its way");
      }
      value = map.get(name);
    }
    return value;
  }
}
