package dev.lakegate.laptop.backend;

import java.util.SplittableRandom;

/** The sample's vocabulary: names, texts and addresses, picked by a given generator of numbers. */
final class Words {
  static final String[] FIRST_NAMES = {
    "Anna", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hiroshi", "Inés", "Jonas", "Katya",
    "Liam", "Mei", "Noor", "Olu", "Priya", "Quentin", "Rosa", "Søren", "Tomás", "Uma", "Víctor",
    "Wanjiru", "Xenia", "Yusuf", "Zoë"
  };
  static final String[] LAST_NAMES = {
    "Abe", "Becker", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ivanova",
    "Johnson", "Kowalski", "Li", "Müller", "Nakamura", "O'Brien", "Patel", "Quispe", "Rossi",
    "Smith", "Tanaka", "Usman", "van Dijk", "Wang", "Yılmaz", "Zhang"
  };
  static final String[] CATEGORIES = {
    "Books", "books", "Garden", "Home & Kitchen", "Toys", " Toys ", "Electronics", "Sports"
  };
  static final String[] ADJECTIVES = {
    "Compact", "Deluxe", "Everyday", "Folding", "Light", "Solid", "Travel", "Vintage"
  };
  static final String[] THINGS = {
    "Backpack", "Chair", "Headphones", "Kettle", "Lamp", "Notebook", "Puzzle", "Tent"
  };
  static final String[] AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "curl/8.5.0"
  };
  private static final String[] NOTE_WORDS = {
    "leave",
    "at",
    "the",
    "door",
    "ring",
    "twice",
    "gift",
    "wrap",
    "please",
    "call",
    "before",
    "delivery",
    "second",
    "floor",
    "neighbour",
    "fragile",
    "thanks",
    "invoice",
    "by",
    "post"
  };

  private Words() {}

  static String pick(SplittableRandom random, String[] from) {
    return from[random.nextInt(from.length)];
  }

  /** Free text of at least so many characters. Random letters keep it from compressing well. */
  static String text(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder(length + 16);
    while (text.length() < length) {
      if (text.length() > 0) {
        text.append(' ');
      }
      if (length > 1000 && random.nextInt(3) > 0) {
        text.append(Long.toString(random.nextLong(Long.MAX_VALUE), 36));
      } else {
        text.append(pick(random, NOTE_WORDS));
      }
    }
    return text.toString();
  }

  /** An address of version 4 or 6, or null. From the ranges that documentation may use. */
  static String ipAddress(SplittableRandom random) {
    int kind = random.nextInt(10);
    if (kind == 0) {
      return null;
    }
    if (kind < 4) {
      return "2001:db8:%x:%x::%x"
          .formatted(random.nextInt(65_536), random.nextInt(65_536), 1 + random.nextInt(65_535));
    }
    String[] nets = {"192.0.2.", "198.51.100.", "203.0.113."};
    return nets[random.nextInt(3)] + (1 + random.nextInt(254));
  }

  static String phone(SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> null;
      case 1 -> "";
      case 2 -> "+1 (555) 01" + digits(random, 2) + "-" + digits(random, 4);
      case 3 -> "0049 30 " + digits(random, 7);
      case 4 -> "555-" + digits(random, 4);
      default -> "+4420" + digits(random, 8);
    };
  }

  /** Unique enough, and as people type it: case and blanks vary. */
  static String email(SplittableRandom random, String first, String last, long number) {
    String plain =
        (first + "." + last).replaceAll("[^A-Za-z.]", "").toLowerCase(java.util.Locale.ROOT)
            + number
            + "@example."
            + (random.nextBoolean() ? "com" : "org");
    return switch (random.nextInt(8)) {
      case 0 -> plain.toUpperCase(java.util.Locale.ROOT);
      case 1 -> " " + plain + " ";
      default -> plain;
    };
  }

  static String digits(SplittableRandom random, int count) {
    StringBuilder text = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      text.append((char) ('0' + random.nextInt(10)));
    }
    return text.toString();
  }

  static String customerMetadata(SplittableRandom random) {
    String address =
        random.nextInt(3) == 0
            ? "null"
            : "{\"city\": \""
                + pick(random, new String[] {"Berlin", "Lagos", "Lyon", "Osaka", "São Paulo"})
                + "\", \"zip\": \""
                + digits(random, 5)
                + "\"}";
    String large = random.nextInt(200) == 0 ? ", \"import\": \"" + text(random, 9_000) + "\"" : "";
    return "{\"source\": \""
        + pick(random, new String[] {"web", "store", "partner", "import"})
        + "\", \"vip\": "
        + (random.nextInt(20) == 0)
        + ", \"address\": "
        + address
        + large
        + "}";
  }
}
