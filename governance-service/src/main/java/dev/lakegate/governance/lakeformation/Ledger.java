package dev.lakegate.governance.lakeformation;

import java.util.List;
import java.util.Set;

/** What this service made in AWS, and so may change and take away. */
interface Ledger {
  /** Keys of items that it made or was about to make. */
  Set<String> owned();

  /** Before they are made: if the process ends in between, they are known as its own. */
  void intend(List<Item> items);

  /** After they were made. */
  void made(List<Item> items);

  /** After they were taken away. */
  void gone(List<Item> items);
}
