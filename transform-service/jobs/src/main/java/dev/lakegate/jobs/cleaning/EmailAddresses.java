package dev.lakegate.jobs.cleaning;

import java.text.Normalizer;
import java.util.Locale;
import org.apache.spark.sql.api.java.UDF1;

/**
 * Normalises e-mail addresses, so that two spellings of one address are equal: without blanks
 * around it, in Unicode's composed form (NFC), in lower case.
 */
public final class EmailAddresses implements UDF1<String, String> {
  private static final long serialVersionUID = 1L;

  /** Name under which derivations call it. */
  public static final String FUNCTION = "normalize_email";

  private static final int LONGEST = 254;
  private static final int LONGEST_LOCAL = 64;
  private static final int LONGEST_LABEL = 63;
  private static final String SPECIAL = "!#$%&'*+/=?^_`{|}~-";

  @Override
  public String call(String text) {
    return normalize(text);
  }

  /**
   * The address in its one form. Mail systems may tell cases of the part before the @ apart; people
   * do not. Quoted local parts and addresses of hosts without a domain are not taken for addresses.
   *
   * @param text what somebody typed; may be null
   * @return null when {@code text} is null or not an address
   */
  public static String normalize(String text) {
    if (text == null) {
      return null;
    }
    String address =
        Normalizer.normalize(
            Normalizer.normalize(trim(text), Normalizer.Form.NFC).toLowerCase(Locale.ROOT),
            Normalizer.Form.NFC);
    int at = address.indexOf('@');
    if (at < 1 || at > LONGEST_LOCAL || address.length() > LONGEST) {
      return null;
    }
    return isLocal(address.substring(0, at)) && isDomain(address.substring(at + 1))
        ? address
        : null;
  }

  private static String trim(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isBlank(text.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  /** No-break and zero-width blanks come with addresses that were copied from web pages. */
  private static boolean isBlank(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u200b' || c == '\ufeff';
  }

  private static boolean isLocal(String local) {
    if (local.startsWith(".") || local.endsWith(".") || local.contains("..")) {
      return false;
    }
    return local
        .codePoints()
        .allMatch(c -> c == '.' || isLetterOrDigit(c) || SPECIAL.indexOf(c) >= 0);
  }

  private static boolean isDomain(String domain) {
    String[] labels = domain.split("\\.", -1);
    if (labels.length < 2) {
      return false;
    }
    for (String label : labels) {
      if (label.isEmpty()
          || label.length() > LONGEST_LABEL
          || label.startsWith("-")
          || label.endsWith("-")
          || !label.codePoints().allMatch(c -> c == '-' || isLetterOrDigit(c))) {
        return false;
      }
    }
    return !labels[labels.length - 1].codePoints().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Marks belong to letters of many scripts, and to some that have no composed form. */
  private static boolean isLetterOrDigit(int c) {
    int type = Character.getType(c);
    return Character.isLetterOrDigit(c)
        || type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }
}
