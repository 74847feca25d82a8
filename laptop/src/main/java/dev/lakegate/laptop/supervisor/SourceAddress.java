package dev.lakegate.laptop.supervisor;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a source that is not ours is, taken apart so that the password is never shown.
 *
 * @param jdbcUrl without user and password
 */
public record SourceAddress(String jdbcUrl, String username, String password) {
  private static final String HELP =
      "Give --source as jdbc:postgresql://HOST:PORT/DATABASE?user=USER, and the password in the"
          + " environment variable LAKEGATE_SOURCE_PASSWORD.";

  /**
   * Reads a JDBC URL, or an address as Django writes it ({@code postgres://user:password@host/db}).
   *
   * @param username taken when the address names none; may be null
   * @param password taken when the address names none; may be null
   * @throws StartException when it is no such address or no user is named
   */
  public static SourceAddress parse(String text, String username, String password) {
    String address = text.strip();
    String user = username;
    String secret = password;
    if (address.startsWith("jdbc:")) {
      address = address.substring("jdbc:".length());
    }
    if (!address.startsWith("postgresql://") && !address.startsWith("postgres://")) {
      throw new StartException("The source is no PostgreSQL address. " + HELP);
    }
    URI uri;
    try {
      uri = URI.create(address);
    } catch (IllegalArgumentException e) {
      // The address itself is not shown: it may hold a password.
      throw new StartException("The source's address is not well formed. " + HELP);
    }
    String authority = uri.getRawAuthority();
    if (authority == null || authority.isBlank()) {
      throw new StartException("The source's address names no host. " + HELP);
    }
    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      String[] login = authority.substring(0, at).split(":", 2);
      user = decode(login[0]);
      secret = login.length > 1 ? decode(login[1]) : secret;
      authority = authority.substring(at + 1);
    }
    List<String> options = new ArrayList<>();
    if (uri.getRawQuery() != null) {
      for (String option : uri.getRawQuery().split("&")) {
        if (option.startsWith("user=")) {
          user = decode(option.substring("user=".length()));
        } else if (option.startsWith("password=")) {
          secret = decode(option.substring("password=".length()));
        } else if (!option.isEmpty()) {
          options.add(option);
        }
      }
    }
    if (uri.getRawPath() == null || uri.getRawPath().length() < 2) {
      throw new StartException("The source's address names no database. " + HELP);
    }
    if (user == null || user.isBlank()) {
      throw new StartException("The source's address names no user. " + HELP);
    }
    return new SourceAddress(
        "jdbc:postgresql://"
            + authority
            + uri.getRawPath()
            + (options.isEmpty() ? "" : "?" + String.join("&", options)),
        user,
        secret == null ? "" : secret);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return jdbcUrl;
  }
}
