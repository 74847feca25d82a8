package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Statement;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Trees of short statements, which tools send again and again. A tree is made of the text alone and
 * never changes, so whoever sends the same text may get the same one. What is used least lately
 * goes when there is no more room. Thread-safe.
 */
final class ParsedStatements {
  private static final int LONGEST = 4_000;

  /** A tree takes some thirty bytes of heap for each character. */
  private static final int MOST_CHARACTERS = 100_000;

  private final LinkedHashMap<String, Statement> trees = new LinkedHashMap<>(16, 0.75f, true);
  private int characters;

  synchronized Statement get(String text) {
    return trees.get(text);
  }

  synchronized void put(String text, Statement tree) {
    if (text.length() > LONGEST || trees.put(text, tree) != null) {
      return;
    }
    characters += text.length();
    Iterator<Map.Entry<String, Statement>> oldest = trees.entrySet().iterator();
    while (characters > MOST_CHARACTERS) {
      characters -= oldest.next().getKey().length();
      oldest.remove();
    }
  }

  synchronized int characters() {
    return characters;
  }
}
