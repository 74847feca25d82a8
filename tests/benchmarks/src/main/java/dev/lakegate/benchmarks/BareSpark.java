package dev.lakegate.benchmarks;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Spark without anything around it, in the session of the jobs: runs the statements that it gets,
 * one a line, and answers with a line each. Runs on the jobs' class path; Spark is none of this
 * module's libraries, so it is found by name.
 */
final class BareSpark {
  private BareSpark() {}

  /**
   * @param arguments a directory for scratch
   */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8");
    System.setOut(System.err);
    Path scratch = Files.createDirectories(Path.of(arguments[0]));
    System.setProperty("java.io.tmpdir", scratch.toString());
    Object session =
        Class.forName("dev.lakegate.jobs.spark.Sessions")
            .getMethod("start", Path.class)
            .invoke(null, scratch);
    Method sql = session.getClass().getMethod("sql", String.class);
    out.println("ready");
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        sql.invoke(session, line);
        out.println("done");
      }
    }
    session.getClass().getMethod("stop").invoke(session);
    System.exit(0);
  }
}
