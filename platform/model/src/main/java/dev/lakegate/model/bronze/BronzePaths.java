package dev.lakegate.model.bronze;

import java.time.LocalDate;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of Bronze's files and manifests, relative to the storage root, with {@code /}. Partition
 * values are escaped exactly as Hive and Spark ({@code ExternalCatalogUtils}) do it. Pure.
 */
public final class BronzePaths {
  /** Folder of the manifests. */
  public static final String MANIFESTS = "bronze/_manifests";

  /** Folder of the roll-ups. */
  public static final String ROLL_UPS = MANIFESTS + "/rolled";

  /** Folder name that stands for NULL and for the empty text. */
  public static final String DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__";

  private static final Pattern MANIFEST = Pattern.compile("(\\d{20})\\.json");
  private static final Pattern ROLL_UP = Pattern.compile("(\\d{20})-(\\d{20})\\.json");
  private static final String ESCAPED = "\"#%'*/:=?\\\u007F{[]^";

  private BronzePaths() {}

  /** Path of manifest {@code number}, which counts from 1. */
  public static String manifest(long number) {
    return MANIFESTS + "/" + manifestName(number);
  }

  /** File name of manifest {@code number}. */
  public static String manifestName(long number) {
    return twenty(number) + ".json";
  }

  /** The number in a manifest's file name; empty when the name is not that of a manifest. */
  public static OptionalLong manifestNumber(String fileName) {
    Matcher matcher = MANIFEST.matcher(fileName);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.parseLong(matcher.group(1));
      return number >= 1 ? OptionalLong.of(number) : OptionalLong.empty();
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Path of the roll-up of a range. */
  public static String rollUp(RollUp.Range range) {
    return ROLL_UPS + "/" + rollUpName(range);
  }

  /** File name of the roll-up of a range. */
  public static String rollUpName(RollUp.Range range) {
    return twenty(range.first()) + "-" + twenty(range.last()) + ".json";
  }

  /** The range in a roll-up's file name; empty when the name is not that of a roll-up. */
  public static Optional<RollUp.Range> rollUpRange(String fileName) {
    Matcher matcher = ROLL_UP.matcher(fileName);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new RollUp.Range(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Path of a Bronze file that stands for several of one range.
   *
   * @param table source table
   * @param loadDate UTC date of commit
   * @param tenant unescaped; null when unknown
   * @param range whose files it merges
   * @param index of the file within its range, from 0
   */
  public static String merged(
      String table, LocalDate loadDate, String tenant, RollUp.Range range, int index) {
    if (index < 0) {
      throw new IllegalArgumentException("index " + index + " is negative");
    }
    return folder(table, loadDate, tenant)
        + twenty(range.first())
        + "-"
        + twenty(range.last())
        + "-"
        + index
        + ".parquet";
  }

  /**
   * Path of a Bronze file.
   *
   * @param table source table
   * @param loadDate UTC date of commit, or of copying
   * @param tenant unescaped; null when unknown
   * @param manifest number of the manifest that will name it
   * @param index of the file within its manifest, from 0
   */
  public static String file(
      String table, LocalDate loadDate, String tenant, long manifest, int index) {
    if (index < 0) {
      throw new IllegalArgumentException("index " + index + " is negative");
    }
    return folder(table, loadDate, tenant) + twenty(manifest) + "-" + index + ".parquet";
  }

  private static String folder(String table, LocalDate loadDate, String tenant) {
    return "bronze/"
        + escape(table)
        + "/load_date="
        + loadDate
        + "/tenant_id="
        + partitionValue(tenant)
        + "/";
  }

  /** Folder name for a partition value: escaped, or {@value #DEFAULT_PARTITION}. */
  public static String partitionValue(String value) {
    return value == null || value.isEmpty() ? DEFAULT_PARTITION : escape(value);
  }

  /**
   * The value that a folder name stands for; null for {@value #DEFAULT_PARTITION}. (The empty text
   * is not told apart from NULL there; a manifest says which it was.)
   */
  public static String partitionValueOf(String folder) {
    return folder.equals(DEFAULT_PARTITION) ? null : unescape(folder);
  }

  /** Hive's escaping of a path element. */
  public static String escape(String value) {
    Objects.requireNonNull(value, "value is null");
    StringBuilder out = null;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c >= 0x01 && c <= 0x1F) || ESCAPED.indexOf(c) >= 0) {
        if (out == null) {
          out = new StringBuilder(value.length() + 16).append(value, 0, i);
        }
        out.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
      } else if (out != null) {
        out.append(c);
      }
    }
    return out == null ? value : out.toString();
  }

  /** The reverse of {@link #escape}; a {@code %} that starts no hex pair stays as it is. */
  public static String unescape(String value) {
    Objects.requireNonNull(value, "value is null");
    StringBuilder out = new StringBuilder(value.length());
    int i = 0;
    while (i < value.length()) {
      char c = value.charAt(i);
      if (c == '%' && i + 2 < value.length()) {
        int code;
        try {
          code = Integer.parseInt(value.substring(i + 1, i + 3), 16);
        } catch (NumberFormatException e) {
          code = -1;
        }
        if (code >= 0) {
          out.append((char) code);
          i += 3;
          continue;
        }
      }
      out.append(c);
      i++;
    }
    return out.toString();
  }

  private static String twenty(long number) {
    if (number < 1) {
      throw new IllegalArgumentException("manifest number " + number + " is less than 1");
    }
    return String.format(Locale.ROOT, "%020d", number);
  }
}
