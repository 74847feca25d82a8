package dev.lakegate.kit.paging;

import dev.lakegate.kit.error.LakegateException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The place in a sorted list where the next page starts: the sort key of the last item, opaque to
 * callers, so that pages neither skip nor repeat rows while the list grows. It grants nothing: who
 * may read is decided anew for each page.
 */
public final class Cursor {
  private static final String SEPARATOR = "\n";

  private Cursor() {}

  /** The cursor of a sort key; its parts have no line break. */
  public static String encode(Object... parts) {
    String key = String.join(SEPARATOR, Arrays.stream(parts).map(String::valueOf).toList());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The parts of the sort key; null when there is no cursor.
   *
   * @throws LakegateException 400 when it is none of ours
   */
  public static String[] decode(String cursor, int parts) {
    if (cursor == null || cursor.isEmpty()) {
      return null;
    }
    try {
      String key = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      String[] found = key.split(SEPARATOR, -1);
      if (found.length == parts) {
        return found;
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the one answer for all that is no cursor.
    }
    throw invalid();
  }

  /** A number within a cursor. */
  public static long number(String part) {
    try {
      return Long.parseLong(part);
    } catch (NumberFormatException e) {
      throw invalid();
    }
  }

  private static LakegateException invalid() {
    return LakegateException.badRequest(
        "CURSOR_INVALID",
        "This is no cursor of this list.",
        "Pass 'next' of the previous page as it is, or leave 'cursor' out to start anew.");
  }
}
