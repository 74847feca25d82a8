package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.model.policy.RowPredicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Isolation by files: which files of a table a row predicate lets a query open. A file is opened
 * only when its partition values alone prove that every row in it may be read.
 */
public final class FileChoice {
  private FileChoice() {}

  /**
   * The permitted files; empty Optional when some file's partition values do not decide, so that
   * rows that may not be read would be opened.
   */
  public static Optional<List<DataFile>> choose(List<DataFile> files, RowPredicate rows) {
    List<DataFile> chosen = new ArrayList<>();
    for (DataFile f : files) {
      Boolean all = all(f, rows);
      if (all == null) {
        return Optional.empty();
      }
      if (all) {
        chosen.add(f);
      }
    }
    return Optional.of(chosen);
  }

  /** True when every row passes, false when none does, null when the partition does not tell. */
  private static Boolean all(DataFile f, RowPredicate p) {
    if (p instanceof RowPredicate.All) {
      return true;
    }
    if (p instanceof RowPredicate.None) {
      return false;
    }
    if (p instanceof RowPredicate.In in) {
      if (!f.partition().containsKey(in.column())) {
        return null;
      }
      // An unknown partition value (a key-only delete) passes for nobody.
      String value = f.partition().get(in.column());
      return value != null && in.values().contains(value);
    }
    if (p instanceof RowPredicate.Comparison c) {
      String value = f.partition().get(c.column());
      if (!f.partition().containsKey(c.column())) {
        return null;
      }
      if (value == null) {
        return false;
      }
      // Text order is code point order, as the engine's is.
      int order = compare(value, c.value());
      return switch (c.operator()) {
        case "=" -> order == 0;
        case "<>" -> order != 0;
        case "<" -> order < 0;
        case "<=" -> order <= 0;
        case ">" -> order > 0;
        case ">=" -> order >= 0;
        default -> throw new IllegalStateException("unknown operator " + c.operator());
      };
    }
    if (p instanceof RowPredicate.And and) {
      boolean all = true;
      boolean unknown = false;
      for (RowPredicate o : and.operands()) {
        Boolean one = all(f, o);
        if (Boolean.FALSE.equals(one)) {
          return false;
        }
        unknown |= one == null;
        all &= one != null && one;
      }
      return unknown ? null : Boolean.valueOf(all);
    }
    if (p instanceof RowPredicate.Or or) {
      boolean unknown = false;
      for (RowPredicate o : or.operands()) {
        Boolean one = all(f, o);
        if (Boolean.TRUE.equals(one)) {
          return true;
        }
        unknown |= one == null;
      }
      return unknown ? null : Boolean.FALSE;
    }
    throw new IllegalStateException("unknown predicate " + p);
  }

  private static int compare(String a, String b) {
    return java.util.Arrays.compareUnsigned(
        a.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        b.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
