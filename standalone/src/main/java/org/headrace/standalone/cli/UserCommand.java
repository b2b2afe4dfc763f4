package org.headrace.standalone.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code headrace user}. */
@Command(name = "user", description = "Accounts.", mixinStandardHelpOptions = true)
final class UserCommand implements Callable<Integer> {
  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(spec.commandLine(), "user add?");
  }
}
