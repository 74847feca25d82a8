package dev.lakegate.jobs.cleaning;

import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.spark.sql.api.java.UDF1;

/** Classes user agents by the words that browsers, programs and crawlers name themselves with. */
public final class UserAgents implements UDF1<String, String> {
  private static final long serialVersionUID = 1L;

  /** Name under which derivations call it. */
  public static final String FUNCTION = "user_agent_class";

  /** Whoever is no person at a browser. Cubot makes phones. */
  private static final Pattern BOT =
      Pattern.compile(
          "(?<!cu)bot(?![a-z])|crawl|spider|slurp|headless|lighthouse|pingdom|facebookexternalhit"
              + "|^(curl|wget|libwww-perl|java|go-http-client|apache-httpclient|okhttp"
              + "|axios|node-fetch|postmanruntime|scrapy|ruby)\\b"
              + "|python-|http_request|monitor");

  private static final Pattern TABLET =
      Pattern.compile("ipad|tablet|kindle|silk/|playbook|android(?!.*mobi)");
  private static final Pattern MOBILE =
      Pattern.compile("iphone|ipod|mobi|windows phone|blackberry|opera mini");
  private static final Pattern DESKTOP =
      Pattern.compile("windows nt|macintosh|x11|linux (x86_64|i686)|cros ");

  @Override
  public String call(String agent) {
    return classOf(agent);
  }

  /**
   * The class: {@code bot}, {@code tablet}, {@code mobile}, {@code desktop}, or {@code other} for
   * whatever says none of it. Agents lie; this tells what they say.
   *
   * @param agent may be null
   * @return null when {@code agent} is null
   */
  public static String classOf(String agent) {
    if (agent == null) {
      return null;
    }
    String text = agent.trim().toLowerCase(Locale.ROOT);
    if (BOT.matcher(text).find()) {
      return "bot";
    }
    if (TABLET.matcher(text).find()) {
      return "tablet";
    }
    if (MOBILE.matcher(text).find()) {
      return "mobile";
    }
    return DESKTOP.matcher(text).find() ? "desktop" : "other";
  }
}
