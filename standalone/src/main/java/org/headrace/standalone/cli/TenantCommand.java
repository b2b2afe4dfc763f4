package org.headrace.standalone.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.headrace.core.id.ServerName;
import org.headrace.standalone.tenant.TenantFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code headrace tenant}: the server names that the data folder hosts. */
@Command(
    name = "tenant",
    description = "The server names hosted here.",
    mixinStandardHelpOptions = true,
    subcommands = {TenantCommand.Add.class, TenantCommand.ListAll.class})
final class TenantCommand {
  /** Adds a name. */
  @Command(
      name = "add",
      description = "Hosts one more server name, at once if the server runs.",
      mixinStandardHelpOptions = true)
  static final class Add implements Callable<Integer> {
    @Parameters(paramLabel = "SERVER_NAME", description = "the part after the colon in user ids")
    String name = "";

    @Mixin FolderOptions folder = new FolderOptions();

    @Override
    public Integer call() throws StartException, IOException {
      ServerName server = Settings.serverName(name);
      Settings settings = folder.settings();
      DataFolder.prepare(settings.data());
      if (!new TenantFile(settings.data()).add(server)) {
        throw new StartException(server + " is hosted here already");
      }
      System.out.println(
          DataFolder.isHeld(settings.data())
              ? server + " is hosted; the running server knows it within a second"
              : server + " is hosted from the next start on");
      return 0;
    }
  }

  /** Lists the names. */
  @Command(
      name = "list",
      description = "Lists the server names, the default first.",
      mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Mixin FolderOptions folder = new FolderOptions();

    @Override
    public Integer call() throws StartException, IOException {
      new TenantFile(folder.settings().data())
          .read()
          .forEach((name, keys) -> System.out.println(name + "  " + String.join(" ", keys)));
      return 0;
    }
  }
}
