package dev.lakegate.gateway.access;

import dev.lakegate.kit.identity.PersonalToken;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * What a header {@code Authorization} presents as a personal access token.
 *
 * @param user who the caller says they are; null with a bearer token
 * @param token the text in the token's place, which may be anything; never logged
 */
record Credentials(String user, String token) {
  private static final int LONGEST = 2_048;

  /** Empty when the header presents something else, such as a token of the issuer. */
  static Optional<Credentials> of(String header) {
    if (header == null) {
      return Optional.empty();
    }
    int space = header.indexOf(' ');
    String scheme = space < 0 ? header : header.substring(0, space);
    String rest = space < 0 ? "" : header.substring(space + 1).strip();
    if (scheme.equalsIgnoreCase("Basic")) {
      return Optional.of(basic(rest));
    }
    return scheme.equalsIgnoreCase("Bearer") && PersonalToken.isMeant(rest)
        ? Optional.of(new Credentials(null, rest))
        : Optional.empty();
  }

  /** Whatever cannot be read is a pair that fits nobody: it must not pass for no credentials. */
  private static Credentials basic(String encoded) {
    Credentials nobody = new Credentials("", "");
    if (encoded.length() > LONGEST) {
      return nobody;
    }
    try {
      String pair =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)))
              .toString();
      int colon = pair.indexOf(':');
      return colon < 0
          ? nobody
          : new Credentials(pair.substring(0, colon), pair.substring(colon + 1));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return nobody;
    }
  }

  @Override
  public String toString() {
    return "Credentials[user=" + user + "]";
  }
}
