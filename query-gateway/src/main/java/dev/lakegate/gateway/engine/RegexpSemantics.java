package dev.lakegate.gateway.engine;

import dev.lakegate.gateway.sql.Regexps;
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
