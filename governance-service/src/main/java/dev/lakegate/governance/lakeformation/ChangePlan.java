package dev.lakegate.governance.lakeformation;

import java.util.List;

/**
 * What would be done, and what is found beside it.
 *
 * @param steps in order
 * @param findings gravest first
 */
record ChangePlan(List<Step> steps, List<Finding> findings) {
  ChangePlan {
    steps = List.copyOf(steps);
    findings = List.copyOf(findings);
  }

  /** Whether nobody may be given anything now. */
  boolean blocked() {
    return findings.stream().anyMatch(Finding::blocks);
  }

  /** For people. */
  String text() {
    StringBuilder text = new StringBuilder();
    if (steps.isEmpty()) {
      text.append("Nothing to change.\n");
    } else {
      text.append(steps.size()).append(steps.size() == 1 ? " change:\n" : " changes:\n");
      for (Step step : steps) {
        text.append(step.action().removes() ? "  - " : step.action().tightens() ? "  ~ " : "  + ")
            .append(step.text())
            .append('\n');
      }
    }
    if (blocked()) {
      text.append("Nothing is given to anybody before what is critical below is mended.\n");
    }
    for (Finding finding : findings) {
      text.append(finding.severity())
          .append(' ')
          .append(finding.code())
          .append(": ")
          .append(finding.message())
          .append(' ')
          .append(finding.remedy())
          .append('\n');
    }
    return text.toString();
  }
}
