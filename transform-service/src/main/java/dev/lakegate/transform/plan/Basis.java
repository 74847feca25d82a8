package dev.lakegate.transform.plan;

import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run reads, as a text that differs when it would read something else. Only compared, never
 * taken apart.
 */
public final class Basis {
  private Basis() {}

  /**
   * Of a table that is fed by Bronze files.
   *
   * @param files that are to be applied: of one table they only become more, until a run applies
   *     some of them
   */
  public static String ofFiles(long files) {
    return "files=" + files;
  }

  /**
   * Of what is computed from other datasets.
   *
   * @param instants of the inputs
   * @param asOf the day that stands for today; null where none does
   */
  public static String ofInputs(Map<String, String> instants, LocalDate asOf) {
    return "inputs=" + new TreeMap<>(instants) + (asOf == null ? "" : " of " + asOf);
  }
}
