package dev.lakegate.jobs.cleaning;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhoneNumbersTest {
  @ParameterizedTest
  @CsvSource({
    "+49 30 901820, US, +4930901820",
    "0049 30 901820, US, +4930901820",
    "0049 30 901820, DE, +4930901820",
    "030 901820, DE, +4930901820",
    "(212) 736-5000, US, +12127365000",
    "212.736.5000 x12, US, +12127365000",
    "+1 (212) 736-5000, DE, +12127365000",
    "011 44 20 7219 3000, US, +442072193000",
    "+442072193000, , +442072193000",
    "' 020 7219 3000 ', GB, +442072193000",
    "tel:+33-1-40-20-50-50, US, +33140205050"
  })
  void writesNumbersThatExist(String text, String region, String expected) {
    assertThat(PhoneNumbers.e164(text, region)).isEqualTo(expected);
    assertThat(PhoneNumbers.e164(expected, region)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "'', US",
    "' ', US",
    "junk, US",
    "555-1234, US",
    "+1 (555) 0112-3456, US",
    "030 901820, US",
    "030 901820, ",
    "030 901820, ZZ",
    "+999 12345678, US",
    "00, US",
    "+, US",
    "12345678901234567890, US"
  })
  void givesNothingForTheRest(String text, String region) {
    assertThat(PhoneNumbers.e164(text, region)).isNull();
  }

  @Test
  void whatIsTooLongIsNotRead() {
    assertThat(PhoneNumbers.e164("+49 30 901820" + " ".repeat(200), "US")).isNull();
    assertThat(PhoneNumbers.e164(null, "US")).isNull();
  }
}
