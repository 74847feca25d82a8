package dev.lakegate.jobs.cleaning;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmailAddressesTest {
  @ParameterizedTest
  @CsvSource({
    "anna@example.com, anna@example.com",
    "' Anna.Abe@EXAMPLE.org ', anna.abe@example.org",
    "'\u00a0a+b@example.co.uk\ufeff', a+b@example.co.uk",
    "o'brien@example.com, o'brien@example.com",
    // A letter and its accent apart, and together.
    "Zoe\u0308@example.com, zo\u00eb@example.com",
    "INE\u0301S@M\u00dcLLER.example, in\u00e9s@m\u00fcller.example",
    "a@sub-domain.example.museum, a@sub-domain.example.museum",
    "1@2.example, 1@2.example"
  })
  void writesAnAddressInOneForm(String text, String expected) {
    assertThat(EmailAddresses.normalize(text)).isEqualTo(expected);
    assertThat(EmailAddresses.normalize(expected)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "anna",
        "@example.com",
        "anna@",
        "anna@localhost",
        "anna@example..com",
        "anna@.example.com",
        "anna@example.com.",
        "anna@-example.com",
        "anna@example-.com",
        "anna@192.0.2.1",
        "an na@example.com",
        "anna@exam ple.com",
        "anna@abe@example.com",
        ".anna@example.com",
        "anna.@example.com",
        "an..na@example.com",
        "anna,ben@example.com",
        "<anna@example.com>",
        "anna@example.com, ben@example.com",
        "anna\n@example.com",
        "mailto:anna@example.com"
      })
  void givesNothingForWhatIsNoAddress(String text) {
    assertThat(EmailAddresses.normalize(text)).isNull();
  }

  @Test
  void lengthsAreThoseOfMail() {
    String local = "a".repeat(64);
    assertThat(EmailAddresses.normalize(local + "@example.com")).isNotNull();
    assertThat(EmailAddresses.normalize("a" + local + "@example.com")).isNull();
    String domain = ("b".repeat(60) + ".").repeat(3) + "example";
    assertThat(EmailAddresses.normalize("a".repeat(63) + "@" + domain)).hasSize(254);
    assertThat(EmailAddresses.normalize("a".repeat(64) + "@" + domain)).isNull();
    assertThat(EmailAddresses.normalize("a@" + "b".repeat(64) + ".com")).isNull();
    assertThat(EmailAddresses.normalize(null)).isNull();
  }

  @Test
  void caseAndBlanksNeverMatterAndTwiceIsOnce() {
    String letters = "abz09.+-_@\u00e9\u0130\u00df\u03a3A e\u0301";
    Random random = new Random(5);
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(6); j >= 0; j--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      String typed = text + "@example.com";
      String result = EmailAddresses.normalize(typed);
      assertThat(EmailAddresses.normalize("  " + typed + "\t")).isEqualTo(result);
      if (result != null) {
        found++;
        assertThat(EmailAddresses.normalize(result)).as(typed).isEqualTo(result);
      }
    }
    assertThat(found).isGreaterThan(1000);
  }
}
