package dev.lakegate.laptop.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How to start PostgreSQL, which refuses to run as root. An ordinary user starts it as it is. Root
 * uses a user namespace in which it has no privileges; where containers forbid that, it changes to
 * the user "nobody", who then owns the cluster's files.
 */
enum RunAs {
  SELF(List.of(), -1),
  /** A user without a name, as in some containers: in a namespace it is "nobody". */
  UNNAMED(List.of("unshare", "--user"), -1),
  NAMESPACE(List.of("unshare", "--user"), 0),
  NOBODY(
      // The capability lets "nobody" reach the cluster through directories that only root may
      // enter.
      List.of(
          "setpriv",
          "--reuid=65534",
          "--regid=65534",
          "--clear-groups",
          "--inh-caps=+dac_override",
          "--ambient-caps=+dac_override",
          "--"),
      65534);

  private final List<String> prefix;
  private final int owner;

  RunAs(List<String> prefix, int owner) {
    this.prefix = prefix;
    this.owner = owner;
  }

  static RunAs detect() {
    if (!isRoot()) {
      // Java's way to say that the user is not in the system's list.
      return "?".equals(System.getProperty("user.name")) && UNNAMED.works() ? UNNAMED : SELF;
    }
    for (RunAs way : List.of(NAMESPACE, NOBODY)) {
      if (way.works()) {
        return way;
      }
    }
    throw new PostgresException(
        "PostgreSQL does not run as root, and this machine lets root neither create a user namespace"
            + " (unshare --user) nor change its user (setpriv). Start Lakegate as an ordinary user,"
            + " or give it a PostgreSQL of your own with --source.");
  }

  List<String> command(List<String> command) {
    List<String> full = new ArrayList<>(prefix);
    full.addAll(command);
    return full;
  }

  /** Gives the tree to the user that PostgreSQL will run as. */
  void own(Path directory) throws IOException {
    if (owner < 0) {
      return;
    }
    Integer now = (Integer) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (now == owner) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Files.setAttribute(path, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  private boolean works() {
    try {
      Process process =
          new ProcessBuilder(command(List.of("true")))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name")) || effectiveUserId() == 0;
  }

  private static int effectiveUserId() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return -1;
    }
  }
}
