package dev.lakegate.model.policy;

import java.util.List;

/**
 * What one principal may read of one table, and why. A pure function of policy version, principal
 * and table: see {@code AccessDecider}.
 *
 * @param version contract version, {@value #VERSION}
 * @param policyVersion that was decided by
 * @param principal who asks
 * @param table {@code <schema>.<name>}
 * @param allowed whether anything may be read
 * @param reason machine-readable
 * @param message the same for people
 * @param readableColumns in the table's order; empty when refused
 * @param hiddenColumns with the reason for each
 * @param masks columns that are readable only in masked form
 * @param rows which rows
 * @param personasThatMay personas that would be allowed
 * @param chain claim, persona, grant, filter: how the decision came about
 */
public record AccessDecision(
    int version,
    long policyVersion,
    Principal principal,
    String table,
    boolean allowed,
    Reason reason,
    String message,
    List<String> readableColumns,
    List<HiddenColumn> hiddenColumns,
    List<Mask> masks,
    RowPredicate rows,
    List<String> personasThatMay,
    List<ChainLink> chain) {
  /** The contract version that this code reads and writes. */
  public static final int VERSION = 1;

  public AccessDecision {
    readableColumns = List.copyOf(readableColumns);
    hiddenColumns = List.copyOf(hiddenColumns);
    masks = List.copyOf(masks);
    personasThatMay = List.copyOf(personasThatMay);
    chain = List.copyOf(chain);
  }

  /**
   * Whether one column may be read, for a query that names it: {@link Reason#ALLOWED}, the reason
   * why not, or the table's own reason when nothing of it may be read.
   */
  public Reason reasonForColumn(String column) {
    if (!allowed) {
      return reason;
    }
    if (readableColumns.contains(column)) {
      return Reason.ALLOWED;
    }
    return hiddenColumns.stream()
        .filter(hidden -> hidden.name().equals(column))
        .findFirst()
        .map(HiddenColumn::reason)
        .orElse(Reason.UNKNOWN_COLUMN);
  }

  /** Why a table or a column may or may not be read. */
  public enum Reason {
    ALLOWED,
    /** The token claims no persona that the policy knows. */
    NO_PERSONA,
    /** No claimed persona may read this layer. */
    LAYER_NOT_GRANTED,
    /** The personal access token is not for this layer. */
    TOKEN_SCOPE,
    /** The persona reads only its tenants' rows, and the token claims none. */
    NO_TENANT,
    /** The table is for administrators. */
    INTERNAL_TABLE,
    /** The policy does not know the table. */
    UNKNOWN_TABLE,
    /** The column holds personal data. */
    PII_COLUMN,
    /** The policy does not know the column. */
    UNKNOWN_COLUMN
  }

  /**
   * A column that may not be read.
   *
   * @param name of the column
   * @param reason machine-readable
   * @param personas that may read it
   */
  public record HiddenColumn(String name, Reason reason, List<String> personas) {}

  /**
   * A column readable only in masked form.
   *
   * @param column masked
   * @param kind of mask
   */
  public record Mask(String column, String kind) {}

  /**
   * One step of the way from claim to rows.
   *
   * @param step claim, persona, grant or filter
   * @param name of the claim, persona, layer or column
   * @param value it had
   */
  public record ChainLink(String step, String name, String value) {}
}
