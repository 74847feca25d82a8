package dev.lakegate.jobs.cleaning;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressesTest {
  @ParameterizedTest
  @CsvSource({
    "203.0.113.77, 203.0.113.0",
    "203.0.113.77/32, 203.0.113.0",
    "10.1.2.3/8, 10.1.2.0",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.0",
    "' 192.168.1.1 ', 192.168.1.0",
    "2001:db8:1:2::3, 2001:db8:1::",
    "2001:db8:1:2:3:4:5:6/128, 2001:db8:1::",
    "2001:DB8:0:0::1, 2001:db8::",
    "2001:0:5::1, 2001:0:5::",
    "0:0:5::1, 0:0:5::",
    "::1, ::",
    "::, ::",
    "fe80::1:2:3:4, fe80::",
    "::ffff:203.0.113.77, 203.0.113.0",
    "::ffff:cb00:714d/128, 203.0.113.0",
    "::203.0.113.77, ::",
    "64:ff9b::192.0.2.33, 64:ff9b::",
    "1:2:3:4:5:6:7::, 1:2:3::"
  })
  void keepsTheNetwork(String address, String expected) {
    assertThat(IpAddresses.anonymize(address)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "junk",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.-4",
        "1.2.3.4/33",
        "1.2.3.4/",
        "1.2.3.4/x",
        "1.2.3.٤",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "12345::",
        "g::",
        "::1.2.3",
        "1.2.3.4::",
        "::1/129",
        "localhost",
        "1.2.3.4:80"
      })
  void givesNothingForJunk(String text) {
    assertThat(IpAddresses.anonymize(text)).isNull();
  }

  @Test
  void givesNothingForNull() {
    assertThat(IpAddresses.anonymize(null)).isNull();
  }

  @Test
  void keepsExactlyTheLeadingBitsOfAnyAddressAndDoesNothingTwice() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(bytes);
      for (int j = 0; j < bytes.length; j++) {
        if (random.nextInt(3) == 0) {
          bytes[j] = 0;
        }
      }
      // The JDK's own parser and printer are the reference.
      InetAddress address = InetAddress.getByAddress(bytes);
      String result = IpAddresses.anonymize(address.getHostAddress());
      byte[] kept = address.getAddress();
      java.util.Arrays.fill(kept, kept.length == 4 ? 3 : 6, kept.length, (byte) 0);
      assertThat(InetAddress.getByName(result).getAddress())
          .as(address.getHostAddress())
          .isEqualTo(kept);
      assertThat(IpAddresses.anonymize(result)).isEqualTo(result);
    }
  }
}
