package dev.lakegate.jobs.cleaning;

import org.apache.spark.sql.api.java.UDF1;

/**
 * Anonymises network addresses: the first 24 bits of an IPv4 address and the first 48 of an IPv6
 * address are kept, the rest becomes zero.
 */
public final class IpAddresses implements UDF1<String, String> {
  private static final long serialVersionUID = 1L;

  /** Name under which derivations call it. */
  public static final String FUNCTION = "anonymize_ip";

  @Override
  public String call(String address) {
    return anonymize(address);
  }

  /**
   * The anonymised address as PostgreSQL writes an {@code inet}: {@code 203.0.113.0}, {@code
   * 2001:db8:1::}. A mask such as {@code /24} is accepted and dropped, since it would tell no more.
   * An IPv4 address in IPv6 notation ({@code ::ffff:203.0.113.7}) becomes an IPv4 address. Applying
   * it twice changes nothing.
   *
   * @param address text of an address; may be null
   * @return null when {@code address} is null or not an address
   */
  public static String anonymize(String address) {
    if (address == null) {
      return null;
    }
    String text = address.trim();
    int slash = text.indexOf('/');
    int bits = -1;
    if (slash >= 0) {
      bits = number(text.substring(slash + 1), 128);
      if (bits < 0) {
        return null;
      }
      text = text.substring(0, slash);
    }
    if (text.indexOf(':') < 0) {
      int[] bytes = ipv4(text);
      return bytes == null || bits > 32 ? null : v4(bytes[0], bytes[1], bytes[2]);
    }
    int[] groups = ipv6(text);
    if (groups == null) {
      return null;
    }
    if (groups[0] == 0
        && groups[1] == 0
        && groups[2] == 0
        && groups[3] == 0
        && groups[4] == 0
        && groups[5] == 0xffff) {
      return v4(groups[6] >> 8, groups[6] & 0xff, groups[7] >> 8);
    }
    return v6(groups[0], groups[1], groups[2]);
  }

  private static String v4(int a, int b, int c) {
    return a + "." + b + "." + c + ".0";
  }

  /**
   * The last five groups are zero, so they are always the longest run that {@code ::} stands for.
   */
  private static String v6(int a, int b, int c) {
    if (a == 0 && b == 0 && c == 0) {
      return "::";
    }
    StringBuilder text = new StringBuilder(Integer.toHexString(a));
    if (b != 0 || c != 0) {
      text.append(':').append(Integer.toHexString(b));
    }
    if (c != 0) {
      text.append(':').append(Integer.toHexString(c));
    }
    return text.append("::").toString();
  }

  private static int[] ipv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return null;
    }
    int[] bytes = new int[4];
    for (int i = 0; i < 4; i++) {
      bytes[i] = number(parts[i], 255);
      if (bytes[i] < 0) {
        return null;
      }
    }
    return bytes;
  }

  private static int[] ipv6(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      return null;
    }
    int[] head = groups(gap < 0 ? text : text.substring(0, gap), gap < 0);
    int[] tail = gap < 0 ? new int[0] : groups(text.substring(gap + 2), true);
    if (head == null || tail == null) {
      return null;
    }
    int count = head.length + tail.length;
    if (gap < 0 ? count != 8 : count > 7) {
      return null;
    }
    int[] result = new int[8];
    System.arraycopy(head, 0, result, 0, head.length);
    System.arraycopy(tail, 0, result, 8 - tail.length, tail.length);
    return result;
  }

  private static int[] groups(String text, boolean last) {
    if (text.isEmpty()) {
      return new int[0];
    }
    String[] parts = text.split(":", -1);
    boolean dotted = last && parts[parts.length - 1].indexOf('.') >= 0;
    int[] groups = new int[dotted ? parts.length + 1 : parts.length];
    for (int i = 0; i < parts.length; i++) {
      if (dotted && i == parts.length - 1) {
        int[] bytes = ipv4(parts[i]);
        if (bytes == null) {
          return null;
        }
        groups[i] = bytes[0] << 8 | bytes[1];
        groups[i + 1] = bytes[2] << 8 | bytes[3];
      } else {
        groups[i] = hex(parts[i]);
        if (groups[i] < 0) {
          return null;
        }
      }
    }
    return groups;
  }

  private static int number(String text, int max) {
    if (text.isEmpty() || text.length() > 3) {
      return -1;
    }
    int value = 0;
    for (char c : text.toCharArray()) {
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value <= max ? value : -1;
  }

  private static int hex(String text) {
    if (text.isEmpty() || text.length() > 4) {
      return -1;
    }
    int value = 0;
    for (char c : text.toCharArray()) {
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value * 16 + digit;
    }
    return value;
  }
}
