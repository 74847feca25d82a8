package dev.lakegate.model.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Maps the claims of a verified token to a principal. A claim that is absent is empty; a claim of
 * an unexpected shape is refused, never guessed at. Immutable, thread-safe.
 *
 * <p>Claims are plain Java values: texts, numbers, booleans, lists and maps. A caller whose token
 * library yields JSON types of its own converts them first.
 */
public final class PrincipalMapper {
  static final int MOST_VALUES = 256;
  static final int LONGEST_VALUE = 256;

  private final List<String> personas;
  private final List<String> tenants;
  private final List<String> tier;

  /**
   * Paths are names separated by {@code /}; a name that contains a slash is put in double quotes,
   * as in {@code "https://example.com/tenants"}.
   *
   * @throws IllegalArgumentException when a path is not well formed
   */
  public PrincipalMapper(String personasPath, String tenantsPath, String tierPath) {
    this.personas = path(personasPath);
    this.tenants = path(tenantsPath);
    this.tier = path(tierPath);
  }

  /** A token's claims cannot be mapped to a principal. The message names the claim. */
  public static final class UnusableClaimException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableClaimException(String message) {
      super(message);
    }
  }

  /**
   * Maps claims.
   *
   * @param claims of a token whose signature, issuer, audience and times are already checked
   * @throws UnusableClaimException when a claim has an unexpected shape or size
   */
  public Principal map(Map<String, ?> claims) {
    SortedSet<String> tierValues = texts(claims, tier, false);
    return new Principal(
        required(claims, "iss"),
        required(claims, "sub"),
        texts(claims, personas, true),
        texts(claims, tenants, true),
        tierValues.isEmpty() ? null : tierValues.first());
  }

  private static String required(Map<String, ?> claims, String name) {
    SortedSet<String> values = texts(claims, List.of(name), false);
    if (values.isEmpty() || values.first().isEmpty()) {
      throw new UnusableClaimException("claim '" + name + "' is missing");
    }
    return values.first();
  }

  private static SortedSet<String> texts(Map<String, ?> claims, List<String> path, boolean many) {
    Object value = claims;
    for (String name : path) {
      if (!(value instanceof Map<?, ?> map)) {
        throw refused(path, "leads through something that is not an object");
      }
      if (!map.containsKey(name)) {
        return new TreeSet<>();
      }
      value = map.get(name);
    }
    SortedSet<String> texts = new TreeSet<>();
    if (value instanceof String text) {
      texts.add(checked(path, text));
    } else if (many && value instanceof Collection<?> list) {
      if (list.size() > MOST_VALUES) {
        throw refused(path, "has more than " + MOST_VALUES + " values");
      }
      for (Object element : list) {
        if (!(element instanceof String text)) {
          throw refused(path, "has a value that is not a text");
        }
        texts.add(checked(path, text));
      }
    } else {
      throw refused(path, many ? "is neither a text nor a list of texts" : "is not a text");
    }
    return texts;
  }

  private static String checked(List<String> path, String text) {
    if (text.length() > LONGEST_VALUE) {
      throw refused(path, "has a value of more than " + LONGEST_VALUE + " characters");
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw refused(path, "has a value with a control character");
    }
    return text;
  }

  private static UnusableClaimException refused(List<String> path, String why) {
    return new UnusableClaimException("claim '" + String.join("/", path) + "' " + why);
  }

  private static List<String> path(String text) {
    Objects.requireNonNull(text, "path is null");
    List<String> names = new ArrayList<>();
    StringBuilder name = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '/' && !quoted) {
        names.add(name.toString());
        name.setLength(0);
      } else {
        name.append(c);
      }
    }
    names.add(name.toString());
    if (quoted || names.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "claim path '" + text + "' is not names separated by '/', quoted where they contain one");
    }
    return List.copyOf(names);
  }
}
