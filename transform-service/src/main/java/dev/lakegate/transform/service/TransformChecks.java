package dev.lakegate.transform.service;

import dev.lakegate.kit.config.LakehouseConfig;
import dev.lakegate.kit.config.StartupCheck;
import dev.lakegate.kit.config.StorageConfig;
import dev.lakegate.kit.config.WorkConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Settings without which no run could start. */
@ApplicationScoped
class TransformChecks implements StartupCheck {
  private static final Pattern HEAP = Pattern.compile("[1-9][0-9]*[kKmMgG]?");

  @Inject StorageConfig storage;
  @Inject LakehouseConfig lakehouse;
  @Inject WorkConfig work;
  @Inject JobsConfig jobs;
  @Inject RunsConfig runs;

  @Override
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    if (storage.root().isEmpty()) {
      problems.add(
          new Problem(
              "lakegate.storage.root",
              "is not set.",
              "Set it to the directory that holds bronze/, silver/ and gold/."));
    }
    if (lakehouse.directory().isEmpty()) {
      problems.add(
          new Problem(
              "lakegate.lakehouse.directory",
              "is not set.",
              "Set it to the directory that holds tables/ and metrics/."));
    } else if (!Files.isDirectory(lakehouse.directory().get())) {
      problems.add(
          new Problem(
              "lakegate.lakehouse.directory",
              "'" + lakehouse.directory().get() + "' is no directory.",
              "Name the directory that holds tables/ and metrics/."));
    }
    if (work.directory().isEmpty()) {
      problems.add(
          new Problem(
              "lakegate.work.directory",
              "is not set.",
              "Set it to a directory that this service may write to."));
    }
    if (jobs.argsFile().isEmpty()) {
      problems.add(
          new Problem(
              "lakegate.jobs.args-file",
              "is not set.",
              "Set it to jobs.args, which the build of the jobs writes to its target directory."));
    }
    jobs.java().map(Path::toString).ifPresent(java -> executable(java, problems));
    if (!HEAP.matcher(jobs.heap()).matches()) {
      problems.add(
          new Problem(
              "lakegate.jobs.heap",
              "'" + jobs.heap() + "' is no size of a heap.",
              "Write it like 1g or 1500m."));
    }
    positive("lakegate.runs.poll", runs.poll(), problems);
    positive("lakegate.runs.timeout", runs.timeout(), problems);
    positive("lakegate.runs.first-retry", runs.firstRetry(), problems);
    positive("lakegate.runs.last-retry", runs.lastRetry(), problems);
    positive("lakegate.jobs.start-timeout", jobs.startTimeout(), problems);
    positive("lakegate.jobs.first-restart", jobs.firstRestart(), problems);
    if (runs.maxFiles() < 1) {
      problems.add(new Problem("lakegate.runs.max-files", "is less than 1.", "Use 5000."));
    }
    if (runs.maxRows() < 1) {
      problems.add(new Problem("lakegate.runs.max-rows", "is less than 1.", "Use 1000000."));
    }
    return problems;
  }

  private static void executable(String java, List<Problem> problems) {
    if (!Files.isExecutable(Path.of(java))) {
      problems.add(
          new Problem(
              "lakegate.jobs.java",
              "'" + java + "' cannot be executed.",
              "Name the java executable of a JDK 17."));
    }
  }

  private static void positive(String property, Duration value, List<Problem> problems) {
    if (value.isZero() || value.isNegative()) {
      problems.add(new Problem(property, "is not positive.", "Write a duration such as PT5S."));
    }
  }
}
