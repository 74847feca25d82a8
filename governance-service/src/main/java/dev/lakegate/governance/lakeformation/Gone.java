package dev.lakegate.governance.lakeformation;

/** An item of the ledger that is no longer in AWS, and no longer wanted. */
record Gone(String key) implements Item {
  @Override
  public String text() {
    return "what is gone already: " + key;
  }
}
