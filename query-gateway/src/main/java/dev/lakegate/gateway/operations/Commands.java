package dev.lakegate.gateway.operations;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands that sentences for people name, so that a page can offer them to be copied. */
final class Commands {
  /** With one argument at most: more words may already be the sentence going on. */
  private static final Pattern COMMAND =
      Pattern.compile(
          "\\./lakegate (approve|resync|replay|quarantine|reconcile|preflight|release)"
              + "( [a-z0-9_]+(\\.[a-z0-9_]+)?(?= to | or |[ ,;:.)']|$))?");

  private Commands() {}

  static List<String> in(String... sentences) {
    Set<String> found = new LinkedHashSet<>();
    for (String sentence : sentences) {
      Matcher m = COMMAND.matcher(sentence);
      while (m.find()) {
        found.add(m.group());
      }
    }
    return List.copyOf(found);
  }
}
