package dev.lakegate.gateway.access;

/** The pages of a log-in for a program: no script, and every value escaped. Pure. */
final class BrowserLoginPages {
  private BrowserLoginPages() {}

  /**
   * Asks whether the user began this log-in themselves.
   *
   * @param action address of the form
   * @param program as it names itself
   * @param from address that the program called from
   * @param elsewhere whether that is another address than the browser's
   */
  static String confirm(String action, String program, String from, boolean elsewhere) {
    return page(
        "Log in for a program",
        "<p>A program wants to use Lakegate as you, with everything that you may read.</p>"
            + "<dl><dt>Program</dt><dd>"
            + escape(program)
            + "</dd><dt>It runs at</dt><dd>"
            + escape(from)
            + "</dd></dl>"
            + (elsewhere
                ? "<p class=\"notice error\" role=\"alert\"><strong>That is another computer than this"
                    + " one.</strong> If you did not begin this log-in there yourself, somebody may be"
                    + " trying to use your account.</p>"
                : "")
            + "<p>Go on only if you began this log-in yourself just now. If somebody sent you this"
            + " address, close the page.</p>"
            + "<form method=\"post\" action=\""
            + escape(action)
            + "\"><button type=\"submit\" class=\"primary\">I began it: log in</button></form>");
  }

  static String done(String user) {
    return page(
        "Logged in",
        "<p>The program works as <strong>"
            + escape(user)
            + "</strong> now. You can close this page.</p>");
  }

  static String failed(String message) {
    return page(
        "This log-in cannot go on",
        "<p class=\"notice error\" role=\"alert\">"
            + escape(message)
            + "</p><p>Begin again in your program.</p>");
  }

  private static String page(String title, String content) {
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        + "<meta name=\"color-scheme\" content=\"light dark\"><title>"
        + escape(title)
        + " · Lakegate</title><link rel=\"stylesheet\" href=\"/console/style.css\"></head>"
        + "<body><main class=\"welcome\"><div class=\"card\"><h1>"
        + escape(title)
        + "</h1>"
        + content
        + "</div></main></body></html>\n";
  }

  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(c);
              }
            });
    return out.toString();
  }
}
