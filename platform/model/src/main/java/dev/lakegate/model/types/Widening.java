package dev.lakegate.model.types;

import java.util.List;
import java.util.Optional;

/** Which type holds every value of two types. Pure. */
public final class Widening {
  private static final List<TrinoType> INTEGERS =
      List.of(TrinoType.Simple.SMALLINT, TrinoType.Simple.INTEGER, TrinoType.Simple.BIGINT);

  /** Decimal digits that hold every value of each of {@link #INTEGERS}. */
  private static final int[] DIGITS = {5, 10, 19};

  private static final int MAX_PRECISION = 38;

  private Widening() {}

  /**
   * The narrower of the types that hold every value of both without loss and compare as they do;
   * empty when there is none. Text is no such type for anything but text.
   */
  public static Optional<TrinoType> of(TrinoType a, TrinoType b) {
    if (a.equals(b)) {
      return Optional.of(a);
    }
    if (a instanceof TrinoType.Varchar left && b instanceof TrinoType.Varchar right) {
      return Optional.of(
          left.length() == null || right.length() == null
              ? new TrinoType.Varchar(null)
              : new TrinoType.Varchar(Math.max(left.length(), right.length())));
    }
    if (a instanceof TrinoType.Array left && b instanceof TrinoType.Array right) {
      return of(left.element(), right.element()).map(TrinoType.Array::new);
    }
    int leftRank = INTEGERS.indexOf(a);
    int rightRank = INTEGERS.indexOf(b);
    if (leftRank >= 0 && rightRank >= 0) {
      return Optional.of(INTEGERS.get(Math.max(leftRank, rightRank)));
    }
    Optional<TrinoType> decimal = decimals(exact(a, leftRank), exact(b, rightRank));
    if (decimal.isPresent()) {
      return decimal;
    }
    if (floating(a, b)) {
      return Optional.of(
          exactIn(a, TrinoType.Simple.REAL) && exactIn(b, TrinoType.Simple.REAL)
              ? TrinoType.Simple.REAL
              : TrinoType.Simple.DOUBLE);
    }
    if ((a == TrinoType.Simple.DATE && b == TrinoType.Simple.TIMESTAMP)
        || (b == TrinoType.Simple.DATE && a == TrinoType.Simple.TIMESTAMP)) {
      return Optional.of(TrinoType.Simple.TIMESTAMP);
    }
    return Optional.empty();
  }

  private static TrinoType.Decimal exact(TrinoType type, int rank) {
    if (type instanceof TrinoType.Decimal decimal) {
      return decimal;
    }
    return rank < 0 ? null : new TrinoType.Decimal(DIGITS[rank], 0);
  }

  private static Optional<TrinoType> decimals(TrinoType.Decimal a, TrinoType.Decimal b) {
    if (a == null || b == null) {
      return Optional.empty();
    }
    int scale = Math.max(a.scale(), b.scale());
    int whole = Math.max(a.precision() - a.scale(), b.precision() - b.scale());
    return whole + scale > MAX_PRECISION
        ? Optional.empty()
        : Optional.of(new TrinoType.Decimal(whole + scale, scale));
  }

  private static boolean floating(TrinoType a, TrinoType b) {
    boolean any =
        List.of(a, b).stream()
            .anyMatch(t -> t == TrinoType.Simple.REAL || t == TrinoType.Simple.DOUBLE);
    return any && exactIn(a, TrinoType.Simple.DOUBLE) && exactIn(b, TrinoType.Simple.DOUBLE);
  }

  /** Whether a floating type has every value of a type exactly. */
  private static boolean exactIn(TrinoType type, TrinoType floating) {
    if (type == TrinoType.Simple.SMALLINT || type == TrinoType.Simple.REAL) {
      return true;
    }
    return floating == TrinoType.Simple.DOUBLE
        && (type == TrinoType.Simple.INTEGER || type == TrinoType.Simple.DOUBLE);
  }
}
