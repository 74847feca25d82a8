package dev.lakegate.governance.policy;

import dev.lakegate.kit.config.LakehouseConfig;
import dev.lakegate.kit.config.StartupCheck;
import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseException;
import dev.lakegate.model.description.LakehouseLoader;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The lakehouse description on disk. Thread-safe. */
@ApplicationScoped
public class Description implements StartupCheck {
  private static final String DIRECTORY = "lakegate.lakehouse.directory";

  @Inject LakehouseConfig config;

  private volatile Lakehouse last;

  @Override
  public List<Problem> problems() {
    if (config.directory().isEmpty()) {
      return List.of(
          new Problem(DIRECTORY, "is not set.", "Set it to the directory lakehouse/ of Lakegate."));
    }
    Path directory = config.directory().get();
    return Files.isDirectory(directory)
        ? List.of()
        : List.of(
            new Problem(
                DIRECTORY, "'" + directory + "' is not a directory.", "Point it to lakehouse/."));
  }

  /**
   * Reads it as it is now.
   *
   * @throws LakehouseException with all its problems
   */
  Lakehouse load() {
    Lakehouse loaded = LakehouseLoader.load(config.directory().orElseThrow());
    last = loaded;
    return loaded;
  }

  /** Follows it from here on. */
  DescriptionFollower<Lakehouse> follower() {
    DescriptionFollower<Lakehouse> follower =
        new DescriptionFollower<>(config.directory().orElseThrow(), Function.identity());
    follower.poll();
    return follower;
  }

  /** What names are resolved by. */
  void inForce(Lakehouse lakehouse) {
    last = lakehouse;
  }

  /**
   * Reads it as it is now, for a request.
   *
   * @throws LakegateException 422 with all its problems
   */
  Lakehouse loadForRequest() {
    try {
      return load();
    } catch (LakehouseException e) {
      List<String> problems = e.problems().stream().map(Object::toString).toList();
      throw LakegateException.invalid(
              "DESCRIPTION_INVALID",
              "The lakehouse description has problems: " + String.join(" ", problems),
              "Correct the files named, then try again. What is in force stays in force.")
          .withDetail("problems", problems);
    }
  }

  /**
   * The one name of a table that somebody calls {@code schema.name}, aliases resolved; an unknown
   * name is given back in lower case.
   */
  public String resolve(String table) {
    String name = table.toLowerCase(Locale.ROOT);
    int dot = name.indexOf('.');
    Lakehouse lakehouse = last;
    return lakehouse == null || dot < 0
        ? name
        : lakehouse.resolve(name.substring(0, dot), name.substring(dot + 1)).orElse(name);
  }
}
