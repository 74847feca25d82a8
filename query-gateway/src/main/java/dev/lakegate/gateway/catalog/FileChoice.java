package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.model.policy.RowPredicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Isolation by files: which files of a table a row predicate lets a query open, and which of those
 * hold other rows too. It looks at partition values alone, never at values of rows, so what it
 * answers depends on nothing that may not be read.
 */
public final class FileChoice {
  private FileChoice() {}

  /**
   * The files that may be opened.
   *
   * @param whole files of which every row may be read, as their partition values prove
   * @param shared files whose partition values do not decide: rows that may not be read lie in them
   *     as well, so they are read by a statement of their own, before any of the user's expressions
   *     is evaluated
   */
  public record Choice(List<DataFile> whole, List<DataFile> shared) {
    public Choice {
      whole = List.copyOf(whole);
      shared = List.copyOf(shared);
    }

    /** All of them. */
    public List<DataFile> all() {
      List<DataFile> all = new ArrayList<>(whole);
      all.addAll(shared);
      return all;
    }
  }

  /** Chooses. What is in neither list is never opened. */
  public static Choice choose(List<DataFile> files, RowPredicate rows) {
    List<DataFile> whole = new ArrayList<>();
    List<DataFile> shared = new ArrayList<>();
    for (DataFile f : files) {
      Boolean all = all(f, rows);
      if (all == null) {
        shared.add(f);
      } else if (all) {
        whole.add(f);
      }
    }
    return new Choice(whole, shared);
  }

  /**
   * Columns that a predicate compares.
   *
   * @throws IllegalStateException for a predicate that is not known or has no operands
   */
  public static Set<String> columns(RowPredicate p) {
    Set<String> columns = new TreeSet<>();
    if (p instanceof RowPredicate.In in) {
      columns.add(in.column());
    } else if (p instanceof RowPredicate.Comparison c) {
      columns.add(c.column());
    } else if (p instanceof RowPredicate.And and) {
      operands(and.operands()).forEach(o -> columns.addAll(columns(o)));
    } else if (p instanceof RowPredicate.Or or) {
      operands(or.operands()).forEach(o -> columns.addAll(columns(o)));
    } else if (!(p instanceof RowPredicate.All || p instanceof RowPredicate.None)) {
      throw new IllegalStateException("unknown predicate " + p);
    }
    return columns;
  }

  /** No operands at all would let every row through, or none: it is a defect, not a rule. */
  private static List<RowPredicate> operands(List<RowPredicate> operands) {
    if (operands.isEmpty()) {
      throw new IllegalStateException("a predicate without operands");
    }
    return operands;
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
      for (RowPredicate o : operands(and.operands())) {
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
      for (RowPredicate o : operands(or.operands())) {
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
