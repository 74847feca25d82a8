package dev.lakegate.jobs.spark;

import org.apache.spark.sql.AnalysisException;

/** What Spark says about SQL that it does not take. */
public final class SparkErrors {
  private static final int LONGEST = 600;

  private SparkErrors() {}

  /** Whether the SQL itself is at fault. */
  public static boolean isSql(Throwable error) {
    // Spark declares this checked exception nowhere; parse errors are one, too.
    return error instanceof AnalysisException;
  }

  /** Its message without the plan that Spark prints below it. */
  public static String brief(Throwable error) {
    String text = String.valueOf(error.getMessage());
    int plan = text.indexOf(";\n");
    if (plan >= 0) {
      text = text.substring(0, plan);
    }
    text = text.trim();
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
  }
}
