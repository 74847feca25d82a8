package dev.lakegate.jobs.cleaning;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.api.java.UDF1;

/** Reads the levels of a hierarchy from free text such as {@code Home > Kitchen / Kettles}. */
public final class CategoryLevels implements UDF1<String, String[]> {
  private static final long serialVersionUID = 1L;

  /** Name under which derivations call it. */
  public static final String FUNCTION = "category_levels";

  private static final String SEPARATORS = "[>/\\\\|\u00bb\u203a\u2192]";
  private static final String BLANKS = "[\\s\\p{Z}\u200b\ufeff]+";

  @Override
  public String[] call(String text) {
    return levels(text);
  }

  /**
   * The levels from the top down, each in lower case with single blanks, so that spellings of one
   * category are equal. Levels that are empty are left out.
   *
   * @param text what somebody typed; may be null
   * @return null when {@code text} is null; empty when there is no level in it
   */
  public static String[] levels(String text) {
    if (text == null) {
      return null;
    }
    List<String> levels = new ArrayList<>();
    for (String part : text.split(SEPARATORS)) {
      String level =
          Normalizer.normalize(part, Normalizer.Form.NFC)
              .replaceAll(BLANKS, " ")
              .trim()
              .toLowerCase(Locale.ROOT);
      if (!level.isEmpty()) {
        levels.add(level);
      }
    }
    return levels.toArray(new String[0]);
  }
}
