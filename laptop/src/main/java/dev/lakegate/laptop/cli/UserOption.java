package dev.lakegate.laptop.cli;

import picocli.CommandLine.Option;

/** The option of commands that act for a demo user. */
final class UserOption {
  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER",
      required = true,
      description = "Demo user whose tokens these are.")
  private String user;

  String user() {
    return user;
  }
}
