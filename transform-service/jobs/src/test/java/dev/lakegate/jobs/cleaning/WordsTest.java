package dev.lakegate.jobs.cleaning;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Categories and user agents. */
class WordsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Books; books",
        "'  Home   & Kitchen '; home & kitchen",
        "A > B / C; a|b|c",
        "Home >> Kitchen > ; home|kitchen",
        "Toys\u00bbB\u00e9b\u00e9; toys|b\u00e9b\u00e9",
        "Be\u0301be\u0301; b\u00e9b\u00e9",
        "a\\b|c; a|b|c",
        "'a\u00a0 b'; a b",
        "' > '; ''",
        "''; ''"
      })
  void categoriesHaveLevels(String text, String expected) {
    assertThat(String.join("|", CategoryLevels.levels(text))).isEqualTo(expected);
  }

  @Test
  void nothingHasNone() {
    assertThat(CategoryLevels.levels(null)).isNull();
    assertThat(UserAgents.classOf(null)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "desktop~ Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "desktop~ Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        "desktop~ Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15",
        "desktop~ Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        "mobile~ Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
        "mobile~ Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36",
        "mobile~ Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/100.0 Mobile Safari/537.36",
        "tablet~ Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
        "tablet~ Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        "bot~ curl/8.5.0",
        "bot~ python-requests/2.31.0",
        "bot~ Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "bot~ Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Chrome/131.0 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
        "bot~ Mozilla/5.0 (compatible; bingbot/2.0)",
        "bot~ Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0 Safari/537.36",
        "bot~ Baiduspider+(+http://www.baidu.com/search/spider.htm)",
        "bot~ Go-http-client/2.0",
        "other~ ''",
        "other~ agent",
        "other~ Roku/DVP-12.0"
      })
  void agentsHaveClasses(String expected, String agent) {
    assertThat(UserAgents.classOf(agent)).isEqualTo(expected);
  }
}
