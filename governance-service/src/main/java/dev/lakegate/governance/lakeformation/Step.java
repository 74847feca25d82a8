package dev.lakegate.governance.lakeformation;

import java.util.Set;

/**
 * One change in AWS.
 *
 * @param action what is done
 * @param item to which it is done: as it shall be, or as it is when it goes
 * @param needs keys of items without which it must not be done
 */
record Step(Action action, Item item, Set<String> needs) {
  Step {
    needs = Set.copyOf(needs);
  }

  /** Kinds of steps, in the order in which they are done: what takes away comes first. */
  enum Action {
    /** It is gone already: only the ledger changes. */
    FORGET(true),
    REVOKE(true),
    NARROW_FILTER(true),
    /** After whatever stood on it was revoked. */
    DELETE_FILTER(true),
    DELETE_ROLE(true),
    DELETE_WORKGROUP(true),
    UPDATE_WORKGROUP(true),
    UPDATE_ROLE(true),
    CREATE_WORKGROUP(false),
    CREATE_ROLE(false),
    /** Before the grant that stands on it: a grant never stands on the table in the meantime. */
    CREATE_FILTER(false),
    CHANGE_FILTER(false),
    GRANT(false);

    private final boolean tightens;

    Action(boolean tightens) {
      this.tightens = tightens;
    }

    /** Whether it only takes away, or keeps what is there as it was. */
    boolean tightens() {
      return tightens;
    }

    /** Whether several of them are one call. */
    boolean batches() {
      return this == GRANT || this == REVOKE;
    }

    /** Whether the item is gone afterwards. */
    boolean removes() {
      return this == FORGET
          || this == REVOKE
          || this == DELETE_FILTER
          || this == DELETE_ROLE
          || this == DELETE_WORKGROUP;
    }
  }

  String text() {
    return action.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + ": " + item.text();
  }
}
