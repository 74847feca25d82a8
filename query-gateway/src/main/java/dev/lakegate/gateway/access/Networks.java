package dev.lakegate.gateway.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A set of IP addresses and networks. Names are never resolved. Immutable. */
final class Networks {
  private static final Pattern LITERAL =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

  /** The subscriber of what is no address. */
  static final String UNKNOWN = "unknown";

  private record Network(byte[] address, int bits) {
    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int i = 0; i < bits; i++) {
        int mask = 0x80 >> (i % 8);
        if ((address[i / 8] & mask) != (other[i / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private final List<Network> networks;

  private Networks(List<Network> networks) {
    this.networks = List.copyOf(networks);
  }

  /**
   * Reads addresses such as {@code 10.0.0.7} and networks such as {@code 10.0.0.0/8}.
   *
   * @throws IllegalArgumentException when one is neither; the message names it
   */
  static Networks of(List<String> texts) {
    List<Network> networks = new ArrayList<>();
    for (String text : texts) {
      String[] parts = text.strip().split("/", -1);
      byte[] address =
          address(parts[0])
              .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no IP address"));
      int bits = address.length * 8;
      if (parts.length == 2 && parts[1].matches("[0-9]{1,3}")) {
        bits = Integer.parseInt(parts[1]);
      } else if (parts.length != 1) {
        throw new IllegalArgumentException("'" + text + "' is no network");
      }
      if (bits > address.length * 8) {
        throw new IllegalArgumentException("'" + text + "' has more bits than an address");
      }
      networks.add(new Network(address, bits));
    }
    return new Networks(networks);
  }

  /** Whether it holds this address; what is no address is in no network. */
  boolean contains(String text) {
    return address(text)
        .map(address -> networks.stream().anyMatch(network -> network.contains(address)))
        .orElse(false);
  }

  /**
   * One name for all addresses that one subscriber may choose from: an IPv4 address, or a whole /64
   * of IPv6. What is no address is all one.
   */
  static String subscriber(String text) {
    return address(text)
        .map(bytes -> HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length)))
        .orElse(UNKNOWN);
  }

  /** The bytes of an address in digits; an IPv4 address mapped into IPv6 is that IPv4 address. */
  static Optional<byte[]> address(String text) {
    if (text == null || text.length() > 45 || !LITERAL.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text).getAddress());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
