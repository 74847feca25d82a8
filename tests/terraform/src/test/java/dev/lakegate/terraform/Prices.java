package dev.lakegate.terraform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Prices and assumed usage of {@code terraform/prices/}. Notes which prices were asked for. */
final class Prices {
  private final Map<String, ?> document;
  private final Set<String> used = new TreeSet<>();

  private Prices(Map<String, ?> document) {
    this.document = document;
  }

  @SuppressWarnings("unchecked")
  static Prices read() {
    Path file = Terraform.repository().resolve("terraform/prices/us-east-1.yaml");
    try {
      return new Prices(
          (Map<String, ?>)
              new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Dollars for one unit; fails for what has no price. */
  BigDecimal of(String name) {
    Map<?, ?> entry = (Map<?, ?>) section("prices").get(name);
    if (entry == null) {
      throw new AssertionError(
          "terraform/prices/us-east-1.yaml has no price for "
              + name
              + ": add it with date and source");
    }
    used.add(name);
    return new BigDecimal(entry.get("price").toString());
  }

  BigDecimal hours() {
    return new BigDecimal(document.get("hours_per_month").toString());
  }

  BigDecimal usage(String profile, String name) {
    Object value = ((Map<?, ?>) section("usage").get(profile)).get(name);
    if (value == null) {
      throw new AssertionError("there is no usage " + name + " of " + profile);
    }
    return new BigDecimal(value.toString());
  }

  Set<String> used() {
    return used;
  }

  /** All entries by name: price, unit, as_of, source. */
  Map<String, Map<?, ?>> entries() {
    Map<String, Map<?, ?>> entries = new TreeMap<>();
    section("prices").forEach((name, entry) -> entries.put(name.toString(), (Map<?, ?>) entry));
    return entries;
  }

  private Map<?, ?> section(String name) {
    return (Map<?, ?>) document.get(name);
  }
}
