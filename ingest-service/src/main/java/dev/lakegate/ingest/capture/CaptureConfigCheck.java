package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.kit.config.LakehouseConfig;
import dev.lakegate.kit.config.StartupCheck;
import dev.lakegate.kit.config.StorageConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.model.description.LakehouseException;
import dev.lakegate.model.description.LakehouseLoader;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Capture needs a source, a place to write to, and to know which tables. */
@ApplicationScoped
class CaptureConfigCheck implements StartupCheck {
  @Inject CaptureConfig config;
  @Inject StorageConfig storage;
  @Inject WorkConfig work;
  @Inject LakehouseConfig lakehouse;

  @Override
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    require("lakegate.storage.root", storage.root(), "the storage root", problems);
    require("lakegate.work.directory", work.directory(), "a scratch directory", problems);
    Optional<String> url = config.source().jdbcUrl();
    if (url.isEmpty() || !url.get().startsWith("jdbc:postgresql:")) {
      // The value may hold a password, so it is not shown.
      problems.add(
          new Problem(
              "lakegate.capture.source.jdbc-url",
              url.isEmpty() ? "is not set." : "is no URL of PostgreSQL's JDBC driver.",
              "Set it like jdbc:postgresql://host:5432/database."));
    }
    try {
      new SourceSettings(url.orElse(""), null, null, config.slot(), config.publication());
    } catch (IllegalArgumentException e) {
      problems.add(
          new Problem(
              "lakegate.capture.slot or lakegate.capture.publication",
              e.getMessage() + ".",
              "Choose another name."));
    }
    try {
      CaptureService.flush(config);
    } catch (IllegalArgumentException e) {
      problems.add(
          new Problem("lakegate.capture.flush", e.getMessage() + ".", "See docs/INTERFACES.md."));
    }
    try {
      CaptureService.maintenance(config);
    } catch (IllegalArgumentException e) {
      problems.add(
          new Problem(
              "lakegate.capture.maintenance", e.getMessage() + ".", "See docs/INTERFACES.md."));
    }
    if (require(
        "lakegate.lakehouse.directory",
        lakehouse.directory(),
        "the directory of the lakehouse description",
        problems)) {
      try {
        LakehouseLoader.load(lakehouse.directory().get());
      } catch (LakehouseException e) {
        problems.add(
            new Problem(
                "lakegate.lakehouse.directory", e.getMessage(), "Mend the files it names."));
      }
    }
    return problems;
  }

  private static boolean require(
      String property, Optional<?> value, String what, List<Problem> problems) {
    if (value.isEmpty()) {
      problems.add(new Problem(property, "is not set.", "Set it to " + what + "."));
    }
    return value.isPresent();
  }
}
