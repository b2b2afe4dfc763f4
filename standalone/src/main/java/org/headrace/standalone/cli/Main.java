package org.headrace.standalone.cli;

import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import picocli.CommandLine;

/** The {@code headrace} command line. Nothing is started until a command asks for it. */
@QuarkusMain
@CommandLine.Command(
    name = "headrace",
    description = "A Matrix homeserver in which the log is the server.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    version = "Headrace " + Main.VERSION,
    subcommands = {
      RunCommand.class,
      TopicsCommand.class,
      TenantCommand.class,
      UserCommand.class,
      DagCommand.class
    })
public final class Main {
  static final String VERSION = "0.1.0";

  static final int EXIT_FAILED = 1;

  public static void main(String... args) {
    System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    System.exit(execute(args));
  }

  static int execute(String... args) {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          String said = e.getMessage() == null ? e.toString() : e.getMessage();
          System.err.println("headrace: " + said.lines().findFirst().orElse(""));
          if (!(e instanceof StartException || e instanceof IOException)) {
            e.printStackTrace();
          }
          return EXIT_FAILED;
        });
    commandLine.setParameterExceptionHandler(
        (e, parsed) -> {
          System.err.println(
              "headrace: " + e.getMessage() + " (see " + name(e.getCommandLine()) + " --help)");
          return CommandLine.ExitCode.USAGE;
        });
    if (args.length == 0) {
      commandLine.usage(System.out);
      return 0;
    }
    return commandLine.execute(args);
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName();
  }
}
