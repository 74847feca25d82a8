package dev.lakegate.gateway.engine;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IllegalFormatException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Trino's functions of text do where DuckDB does something else. Pure; never given NULL. */
final class TextSemantics {
  private TextSemantics() {}

  static String fit(String s, int length) {
    if (s.codePointCount(0, s.length()) > length) {
      throw TrinoError.invalidCast();
    }
    return s;
  }

  static String upper(String s) {
    return map(s, Character::toUpperCase);
  }

  static String lower(String s) {
    return map(s, Character::toLowerCase);
  }

  /** Code point by code point, as Trino does: no special casing such as SS for sharp s. */
  private static String map(String s, java.util.function.IntUnaryOperator f) {
    StringBuilder b = new StringBuilder(s.length());
    s.codePoints().map(f).forEach(b::appendCodePoint);
    return b.toString();
  }

  static String reverse(String s) {
    int[] points = s.codePoints().toArray();
    StringBuilder b = new StringBuilder(s.length());
    for (int i = points.length - 1; i >= 0; i--) {
      b.appendCodePoint(points[i]);
    }
    return b.toString();
  }

  static String trim(String s, boolean left, boolean right) {
    return trim(s, Character::isWhitespace, left, right);
  }

  static String trim(String s, String characters, boolean left, boolean right) {
    return trim(s, c -> characters.indexOf(c) >= 0, left, right);
  }

  static String trim(String s, java.util.function.IntPredicate drop, boolean left, boolean right) {
    int[] points = s.codePoints().toArray();
    int from = 0;
    int to = points.length;
    while (left && from < to && drop.test(points[from])) {
      from++;
    }
    while (right && from < to && drop.test(points[to - 1])) {
      to--;
    }
    return new String(points, from, to - from);
  }

  static String substr(String s, long start, long length) {
    if (start == 0 || length <= 0 || s.isEmpty()) {
      return "";
    }
    int[] points = s.codePoints().toArray();
    long from = start > 0 ? start - 1 : points.length + start;
    if (from < 0 || from >= points.length) {
      return "";
    }
    long to = length > points.length - from ? points.length : from + length;
    return new String(points, (int) from, (int) (to - from));
  }

  static String replace(String s, String search, String with) {
    if (!search.isEmpty()) {
      StringBuilder b = new StringBuilder();
      int at = 0;
      for (int found = s.indexOf(search); found >= 0; found = s.indexOf(search, at)) {
        b.append(s, at, found).append(with);
        at = found + search.length();
        ChunkBudget.require(b.length(), 0);
      }
      return b.append(s, at, s.length()).toString();
    }
    ChunkBudget.require((s.length() + 1L) * with.length() + s.length(), 0);
    StringBuilder b = new StringBuilder(with);
    s.codePoints().forEach(p -> b.appendCodePoint(p).append(with));
    return b.toString();
  }

  static String splitPart(String s, String delimiter, long index) {
    if (index <= 0) {
      throw TrinoError.invalidArgument();
    }
    if (delimiter.isEmpty()) {
      int[] points = s.codePoints().toArray();
      return index > points.length ? null : new String(points, (int) index - 1, 1);
    }
    int at = 0;
    for (long i = 1; ; i++) {
      int next = s.indexOf(delimiter, at);
      if (i == index) {
        return next < 0 ? s.substring(at) : s.substring(at, next);
      }
      if (next < 0) {
        return null;
      }
      at = next + delimiter.length();
    }
  }

  static String pad(String s, long size, String with, boolean left) {
    if (size < 0 || size > Integer.MAX_VALUE || with.isEmpty()) {
      throw TrinoError.invalidArgument();
    }
    ChunkBudget.require(size, 0);
    int[] points = s.codePoints().toArray();
    if (points.length >= size) {
      return new String(points, 0, (int) size);
    }
    int[] fill = with.codePoints().toArray();
    StringBuilder b = new StringBuilder();
    int missing = (int) size - points.length;
    if (!left) {
      b.append(s);
    }
    for (int i = 0; i < missing; i++) {
      b.appendCodePoint(fill[i % fill.length]);
    }
    if (left) {
      b.append(s);
    }
    return b.toString();
  }

  static String chr(long code) {
    if (code < 0
        || code > Character.MAX_CODE_POINT
        || (code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE)) {
      throw TrinoError.invalidArgument();
    }
    return Character.toString((int) code);
  }

  static String translate(String s, String from, String to) {
    int[] f = from.codePoints().toArray();
    int[] t = to.codePoints().toArray();
    StringBuilder b = new StringBuilder();
    s.codePoints()
        .forEach(
            p -> {
              for (int i = 0; i < f.length; i++) {
                if (f[i] == p) {
                  if (i < t.length) {
                    b.appendCodePoint(t[i]);
                  }
                  return;
                }
              }
              b.appendCodePoint(p);
            });
    return b.toString();
  }

  static long levenshtein(String a, String b) {
    int[] x = a.codePoints().toArray();
    int[] y = b.codePoints().toArray();
    if ((long) x.length * y.length > 1_000_000) {
      throw TrinoError.invalidArgument();
    }
    int[] row = new int[y.length + 1];
    for (int j = 0; j <= y.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= x.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= y.length; j++) {
        int above = row[j];
        int change = diagonal + (x[i - 1] == y[j - 1] ? 0 : 1);
        row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[y.length];
  }

  static String requireHex(String s) {
    if (s.length() % 2 != 0 || !s.matches("[0-9A-Fa-f]*")) {
      throw TrinoError.invalidArgument();
    }
    return s;
  }

  /** Bytes to text, each byte that is no UTF-8 replaced by U+FFFD. */
  static String fromUtf8Hex(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
  }

  static long hamming(String a, String b) {
    int[] x = a.codePoints().toArray();
    int[] y = b.codePoints().toArray();
    if (x.length != y.length) {
      throw TrinoError.invalidArgument();
    }
    long n = 0;
    for (int i = 0; i < x.length; i++) {
      n += x[i] == y[i] ? 0 : 1;
    }
    return n;
  }

  private static final String SOUNDS = "01230120022455012623010202";

  static String soundex(String s) {
    StringBuilder b = new StringBuilder();
    char last = '0';
    for (char raw : s.toCharArray()) {
      char c = Character.toUpperCase(raw);
      if (c < 'A' || c > 'Z') {
        if (Character.isLetter(c)) {
          throw TrinoError.invalidArgument();
        }
        continue;
      }
      char sound = SOUNDS.charAt(c - 'A');
      if (b.length() == 0) {
        b.append(c);
        last = sound;
      } else if (c == 'H' || c == 'W') {
        continue;
      } else {
        if (sound != '0' && sound != last) {
          b.append(sound);
        }
        last = sound;
      }
      if (b.length() == 4) {
        break;
      }
    }
    return b.length() == 0 ? "" : (b + "000").substring(0, 4);
  }

  static boolean luhn(String digits) {
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw TrinoError.invalidArgument();
    }
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int d = digits.charAt(digits.length() - 1 - i) - '0';
      int doubled = i % 2 == 1 ? d * 2 : d;
      sum += doubled > 9 ? doubled - 9 : doubled;
    }
    return sum % 10 == 0;
  }

  static String normalize(String s, String form) {
    return Normalizer.normalize(s, Normalizer.Form.valueOf(form));
  }

  /** Bytes to text, each piece that is no UTF-8 replaced. */
  static String fromUtf8Hex(String hex, String replacement) {
    if (replacement.codePointCount(0, replacement.length()) > 1) {
      throw TrinoError.invalidArgument();
    }
    CharsetDecoder d =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    StringBuilder b = new StringBuilder();
    while (true) {
      CoderResult r = d.decode(in, out, true);
      b.append(out.flip());
      out.clear();
      if (!r.isError()) {
        return b.toString();
      }
      b.append(replacement);
      in.position(in.position() + r.length());
      d.reset();
    }
  }

  static String splitLimited(String s, String delimiter, long limit) {
    if (limit <= 0 || limit > Integer.MAX_VALUE || delimiter.isEmpty()) {
      throw TrinoError.invalidArgument();
    }
    List<String> parts = new ArrayList<>();
    int at = 0;
    while (parts.size() < limit - 1) {
      int next = s.indexOf(delimiter, at);
      if (next < 0) {
        break;
      }
      parts.add(JsonSemantics.quote(s.substring(at, next)));
      at = next + delimiter.length();
    }
    parts.add(JsonSemantics.quote(s.substring(at)));
    return joined(parts);
  }

  static String joined(List<String> parts) {
    String all = String.join("\u001f", parts);
    ChunkBudget.require(all.length(), 0);
    return all;
  }

  /** Keys or values of a text such as {@code a=1;b=2}. */
  static String splitToMap(String s, String entries, String pair, boolean keys, boolean unique) {
    if (entries.isEmpty() || pair.isEmpty() || entries.equals(pair)) {
      throw TrinoError.invalidArgument();
    }
    List<String> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    int at = 0;
    while (at < s.length()) {
      int end = s.indexOf(entries, at);
      String entry = s.substring(at, end < 0 ? s.length() : end);
      if (!entry.isEmpty()) {
        int middle = entry.indexOf(pair);
        if (middle < 0 || entry.indexOf(pair, middle + pair.length()) >= 0) {
          throw TrinoError.invalidArgument();
        }
        String key = entry.substring(0, middle);
        if (!seen.add(key) && unique) {
          throw TrinoError.invalidArgument();
        }
        all.add(JsonSemantics.quote(keys ? key : entry.substring(middle + pair.length())));
      }
      if (end < 0) {
        break;
      }
      at = end + entries.length();
    }
    return joined(all);
  }

  static String toUuid(String s) {
    if (!s.matches("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")) {
      throw TrinoError.invalidCast();
    }
    return s.toLowerCase(Locale.ROOT);
  }

  /** {@code String.format} over arguments that crossed as one text. */
  static String format(String format, String arguments) {
    List<Object> args = new ArrayList<>();
    for (String a : arguments.split("\u001f", -1)) {
      String v = a.substring(1);
      args.add(
          switch (a.charAt(0)) {
            case 'n' -> null;
            case 'b' -> Boolean.valueOf(v);
            case 'i' -> Long.valueOf(v);
            case 'd' ->
                v.startsWith("\"") ? Double.valueOf(JsonSemantics.unquoted(v)) : Double.valueOf(v);
            case 'm' -> new BigDecimal(v);
            case 't' -> LocalDate.parse(v);
            default -> JsonSemantics.unquoted(v);
          });
    }
    try {
      Matcher m = WIDTH.matcher(format);
      while (m.find()) {
        throw TrinoError.notSupported();
      }
      return String.format(Locale.US, format, args.toArray());
    } catch (IllegalFormatException e) {
      throw TrinoError.invalidArgument();
    }
  }

  /** Widths that would make texts without end. */
  private static final Pattern WIDTH = Pattern.compile("%[^a-zA-Z%]*[0-9]{4,}");
}
