package dev.lakegate.laptop.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** The login page: one form, no script. */
final class LoginPage {
  private static final String STYLE =
      """
      :root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
      body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f4f5f7;color:#1c2430}
      main{width:min(24rem,calc(100vw - 2rem));background:#fff;border:1px solid #d9dde3;border-radius:.5rem;padding:2rem;box-sizing:border-box}
      h1{margin:0 0 .25rem;font-size:1.375rem}
      p{margin:0 0 1rem;color:#566070;font-size:.9rem}
      label{display:block;margin:.75rem 0 .25rem;font-weight:600}
      input{width:100%;box-sizing:border-box;padding:.55rem .65rem;font:inherit;border:1px solid #9aa3b0;border-radius:.3rem;background:#fff;color:inherit}
      button{margin-top:1.25rem;width:100%;padding:.65rem;font:inherit;font-weight:600;color:#fff;background:#0b5cad;border:0;border-radius:.3rem;cursor:pointer}
      input:focus,button:focus{outline:3px solid #7db4ea;outline-offset:1px}
      .error{color:#8f1d14;background:#fdecea;border:1px solid #f2b8b1;border-radius:.3rem;padding:.5rem .75rem}
      code{font-size:.85rem}
      ul{padding-left:1.1rem;margin:1.25rem 0 0;color:#566070;font-size:.85rem}
      @media (prefers-color-scheme:dark){body{background:#14181f;color:#e6e9ee}main{background:#1d232c;border-color:#39424f}p,ul{color:#a9b3c1}input{background:#14181f;border-color:#5a6573}.error{color:#ffd3ce;background:#4a1d19;border-color:#7d3129}}
      """;

  private LoginPage() {}

  /**
   * @param hidden the authorization request, carried through the form
   * @param error what went wrong with the last try, or null
   */
  static String render(Map<String, String> hidden, String client, String user, String error) {
    StringBuilder fields = new StringBuilder();
    hidden.forEach(
        (name, value) ->
            fields
                .append("<input type=\"hidden\" name=\"")
                .append(escape(name))
                .append("\" value=\"")
                .append(escape(value))
                .append("\">\n"));
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Log in · Lakegate</title>
    <style>%s</style>
    </head>
    <body>
    <main>
    <h1>Log in to Lakegate</h1>
    <p>for %s</p>
    %s
    <form method="post" action="/authorize">
    %s
    <label for="user">User</label>
    <input id="user" name="username" value="%s" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="100" required autofocus>
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required>
    <button type="submit">Log in</button>
    </form>
    <ul>
    <li><code>admin</code>: operates, sees everything</li>
    <li><code>engineer</code>: Bronze, Silver and Gold, with personal data</li>
    <li><code>analyst</code>: Gold of all tenants, no personal data</li>
    <li><code>analyst@tenant-1</code>: Gold of that tenant; any tenant id</li>
    <li><code>team@enterprise</code>: Gold of that tier's tenants</li>
    </ul>
    <p></p>
    <p>The demo password is printed where Lakegate was started.</p>
    </main>
    </body>
    </html>
    """
        .formatted(
            STYLE,
            escape(client),
            error == null ? "" : "<p class=\"error\" role=\"alert\">" + escape(error) + "</p>",
            fields,
            escape(user));
  }

  /** A page for a request that must not be answered by a redirect. */
  static String refusal(String message) {
    return """
    <!doctype html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Lakegate</title><style>%s</style></head>
    <body><main><h1>This login cannot go on</h1><p class="error" role="alert">%s</p></main></body>
    </html>
    """
        .formatted(STYLE, escape(message));
  }

  /**
   * @param formTarget where the form may lead to, by redirect, besides this server
   */
  static String contentSecurityPolicy(String formTarget) {
    return "default-src 'none'; style-src 'sha256-"
        + STYLE_HASH
        + "'; form-action 'self'"
        + (formTarget.isEmpty() ? "" : " " + formTarget)
        + "; frame-ancestors 'none'; base-uri 'none'";
  }

  private static final String STYLE_HASH = sha256(STYLE);

  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
