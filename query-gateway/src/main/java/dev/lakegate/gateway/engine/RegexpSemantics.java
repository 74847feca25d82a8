package dev.lakegate.gateway.engine;

import dev.lakegate.gateway.sql.Regexps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Regular expressions as Trino's functions use them. Patterns have passed {@link Regexps}; where
 * their meaning on text beyond ASCII depends on the engine, such text is refused.
 */
final class RegexpSemantics {
  private static final int STEPS = 10_000_000;

  private record Compiled(Pattern pattern, boolean asciiOnly) {}

  private static final Map<String, Compiled> CACHE = new ConcurrentHashMap<>();

  private RegexpSemantics() {}

  private static Matcher matcher(String text, String pattern) {
    Compiled c = CACHE.get(pattern);
    if (c == null) {
      if (CACHE.size() > 1000) {
        CACHE.clear();
      }
      c = new Compiled(Pattern.compile(pattern), Regexps.asciiOnly(pattern));
      CACHE.put(pattern, c);
    }
    if (c.asciiOnly && !text.chars().allMatch(x -> x < 128)) {
      throw new TrinoError("NOT_SUPPORTED");
    }
    return c.pattern.matcher(new Bounded(text, new int[1], ChunkBudget.current()));
  }

  static boolean like(String text, String pattern) {
    return matcher(text, pattern).find();
  }

  static String extract(String text, String pattern, long group) {
    Matcher m = matcher(text, pattern);
    return m.find() ? m.group((int) group) : null;
  }

  static long count(String text, String pattern) {
    Matcher m = matcher(text, pattern);
    long n = 0;
    while (m.find()) {
      n++;
    }
    return n;
  }

  static String replace(String text, String pattern, String with) {
    try {
      Matcher m = matcher(text, pattern);
      StringBuilder b = new StringBuilder();
      while (m.find()) {
        m.appendReplacement(b, with);
        ChunkBudget.require(b.length(), 0);
      }
      return m.appendTail(b).toString();
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new TrinoError("INVALID_FUNCTION_ARGUMENT");
    }
  }

  /** All matches of a group, joined. */
  static String extractAll(String text, String pattern, long group) {
    Matcher m = matcher(text, pattern);
    List<String> all = new ArrayList<>();
    while (m.find()) {
      String g = m.group((int) group);
      all.add(g == null ? "null" : JsonSemantics.quote(g));
    }
    return TextSemantics.joined(all);
  }

  /** What is between the matches, joined. */
  static String split(String text, String pattern) {
    Matcher m = matcher(text, pattern);
    List<String> all = new ArrayList<>();
    int at = 0;
    while (m.find()) {
      all.add(JsonSemantics.quote(text.substring(at, m.start())));
      at = m.end();
    }
    all.add(JsonSemantics.quote(text.substring(at)));
    return TextSemantics.joined(all);
  }

  /** Texts between matches and, as arrays of their groups, the matches, joined in their order. */
  static String pieces(String text, String pattern) {
    Matcher m = matcher(text, pattern);
    List<String> all = new ArrayList<>();
    int at = 0;
    while (m.find()) {
      all.add(JsonSemantics.quote(text.substring(at, m.start())));
      List<String> groups = new ArrayList<>();
      for (int g = 1; g <= m.groupCount(); g++) {
        groups.add(m.group(g) == null ? "null" : JsonSemantics.quote(m.group(g)));
      }
      all.add("[" + String.join(",", groups) + "]");
      at = m.end();
    }
    all.add(JsonSemantics.quote(text.substring(at)));
    return TextSemantics.joined(all);
  }

  static long position(String text, String pattern) {
    Matcher m = matcher(text, pattern);
    return m.find() ? text.codePointCount(0, m.start()) + 1L : -1;
  }

  /** Text whose reading is counted, so that a pattern that backtracks without end fails. */
  private static final class Bounded implements CharSequence {
    private final CharSequence text;
    private final int[] reads;
    private final ChunkBudget chunk;

    Bounded(CharSequence text, int[] reads, ChunkBudget chunk) {
      this.text = text;
      this.reads = reads;
      this.chunk = chunk;
    }

    @Override
    public char charAt(int index) {
      if (++reads[0] > STEPS) {
        throw new TrinoError("REGEXP_TOO_COMPLEX");
      }
      chunk.step();
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
