package dev.lakegate.laptop.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "demo")
final class DemoCommand implements Callable<Integer> {
  @Mixin private HelpOption help;

  public Integer call() {
    return 1;
  }
}
