package dev.lakegate.governance.lakeformation;

import java.util.List;
import java.util.Map;

/** What changes AWS. */
interface LakePort {
  /**
   * Takes steps of one action; more than one only where the action batches. Each may be taken
   * again: what is so already stays so.
   *
   * @return what went wrong, by key of the item; empty when nothing did
   * @throws RuntimeException when nothing is known of any of them
   */
  Map<String, String> perform(Step.Action action, List<Item> items);
}
