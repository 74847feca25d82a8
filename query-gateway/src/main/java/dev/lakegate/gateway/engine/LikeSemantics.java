package dev.lakegate.gateway.engine;

/**
 * LIKE with several wildcards. DuckDB tries every place for every wildcard, in one native call that
 * nothing stops: a handful of them over a long text takes hours. This one goes back to the last
 * wildcard only, and counts its steps.
 */
final class LikeSemantics {
  private static final int STEPS = 10_000_000;
  private static final int ONE = -1;
  private static final int ANY = -2;

  private LikeSemantics() {}

  /**
   * Whether a text matches.
   *
   * @param escape one character, or empty for none
   * @throws TrinoError when the escape character stands before anything but a wildcard or itself,
   *     or when matching takes too many steps
   */
  static boolean matches(String text, String pattern, String escape) {
    int[] tokens = tokens(pattern, escape.isEmpty() ? ANY : escape.codePointAt(0));
    int[] characters = text.codePoints().toArray();
    ChunkBudget chunk = ChunkBudget.current();
    int i = 0;
    int j = 0;
    int wildcard = -1;
    int from = 0;
    int steps = 0;
    while (i < characters.length) {
      if (++steps > STEPS) {
        throw new TrinoError("REGEXP_TOO_COMPLEX");
      }
      chunk.step();
      if (j < tokens.length && (tokens[j] == ONE || tokens[j] == characters[i])) {
        i++;
        j++;
      } else if (j < tokens.length && tokens[j] == ANY) {
        wildcard = j++;
        from = i;
      } else if (wildcard >= 0) {
        j = wildcard + 1;
        i = ++from;
      } else {
        return false;
      }
    }
    while (j < tokens.length && tokens[j] == ANY) {
      j++;
    }
    return j == tokens.length;
  }

  private static int[] tokens(String pattern, int escape) {
    int[] characters = pattern.codePoints().toArray();
    int[] tokens = new int[characters.length];
    int n = 0;
    for (int i = 0; i < characters.length; i++) {
      int c = characters[i];
      if (c == escape) {
        if (++i >= characters.length
            || (characters[i] != escape && characters[i] != '%' && characters[i] != '_')) {
          throw new TrinoError("INVALID_FUNCTION_ARGUMENT");
        }
        tokens[n++] = characters[i];
      } else {
        tokens[n++] = c == '%' ? ANY : c == '_' ? ONE : c;
      }
    }
    return java.util.Arrays.copyOf(tokens, n);
  }
}
