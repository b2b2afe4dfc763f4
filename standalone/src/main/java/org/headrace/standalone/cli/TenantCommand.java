package org.headrace.standalone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.net.AddressRange;
import org.headrace.standalone.tenant.TenantFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace tenant}: the server names that the data folder hosts. */
@Command(
    name = "tenant",
    description = "The server names hosted here.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TenantCommand.Add.class,
      TenantCommand.RotateKey.class,
      TenantCommand.Federation.class,
      TenantCommand.PolicyServing.class,
      TenantCommand.ListAll.class
    })
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
      DataFolder.prepare(settings.tenants());
      if (!new TenantFile(settings.tenants()).add(server)) {
        throw new StartException(server + " is hosted here already");
      }
      System.out.println(
          DataFolder.isHeld(settings.data())
              ? server + " is hosted; the running server knows it within a second"
              : server + " is hosted from the next start on");
      return 0;
    }
  }

  /** Gives a name a new key. */
  @Command(
      name = "rotate-key",
      description = "Gives a server name a new signing key, at once if the server runs.",
      mixinStandardHelpOptions = true)
  static final class RotateKey implements Callable<Integer> {
    @Parameters(paramLabel = "SERVER_NAME", description = "a name that is hosted here")
    String name = "";

    @Mixin FolderOptions folder = new FolderOptions();

    @Override
    public Integer call() throws StartException, IOException {
      ServerName server = Settings.serverName(name);
      String keyId =
          new TenantFile(folder.settings().tenants())
              .rotate(server, System.currentTimeMillis())
              .orElseThrow(() -> new StartException(server + " is not hosted here"));
      System.out.println(server + " signs with " + keyId + "; its key before stays published");
      return 0;
    }
  }

  /** Says whom a name speaks with. */
  @Command(
      name = "federation",
      description = {
        "Says which other servers a server name speaks with, at once if the server runs; without"
            + " options, shows it.",
        "Names are globs: * is anything, ? one character. Denied goes before allowed."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false)
  static final class Federation implements Callable<Integer> {
    @Parameters(paramLabel = "SERVER_NAME", description = "a name that is hosted here")
    String name = "";

    @Option(names = "--open", description = "speak with everyone who is not denied")
    boolean open;

    @Option(names = "--closed", description = "speak only with who is allowed")
    boolean closed;

    @Option(names = "--allow", paramLabel = "GLOB", description = "allow these; the list is new")
    @Nullable List<String> allowed;

    @Option(names = "--deny", paramLabel = "GLOB", description = "deny these; the list is new")
    @Nullable List<String> denied;

    @Option(
        names = "--refuse-addresses",
        paramLabel = "CIDR",
        description = "send nothing to these addresses, whoever is there; the list is new")
    @Nullable List<String> refused;

    @Mixin FolderOptions folder = new FolderOptions();

    @Override
    public Integer call() throws StartException, IOException {
      ServerName server = Settings.serverName(name);
      if (open && closed) {
        throw new StartException("--open or --closed, not both");
      }
      TenantFile file = new TenantFile(folder.settings().tenants());
      if (!file.read().containsKey(server)) {
        throw new StartException(server + " is not hosted here");
      }
      FederationPolicy before =
          file.federation(server).orElse(folder.settings().federation().policy());
      FederationPolicy policy =
          new FederationPolicy(
              closed || (before.closed() && !open),
              allowed == null ? before.allowed() : allowed,
              denied == null ? before.denied() : denied,
              refused == null
                  ? before.refused()
                  : FederationOptions.ranges(refused, "--refuse-addresses"));
      if (!policy.equals(before)) {
        file.setFederation(server, policy);
      }
      System.out.println(
          server
              + (policy.closed() ? "  closed" : "  open")
              + listed("allowed", policy.allowed())
              + listed("denied", policy.denied())
              + listed("refused", policy.refused().stream().map(AddressRange::toString).toList()));
      return 0;
    }

    private static String listed(String title, List<String> texts) {
      return texts.isEmpty() ? "" : "  " + title + ": " + String.join(" ", texts);
    }
  }

  /** Says whether a name is a policy server. */
  @Command(
      name = "policy-server",
      description = {
        "Says whether rooms may choose a server name as their policy server, at once if the server"
            + " runs; without options, shows it.",
        "A room chooses it by an m.room.policy event with the content that is shown, and with a user"
            + " of the name in it."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false)
  static final class PolicyServing implements Callable<Integer> {
    @Parameters(paramLabel = "SERVER_NAME", description = "a name that is hosted here")
    String name = "";

    @Option(names = "--on", description = "sign events of rooms that choose it")
    boolean on;

    @Option(names = "--off", description = "sign none any more")
    boolean off;

    @Option(names = "--new-key", description = "with another key; rooms have to be told")
    boolean newKey;

    @Mixin FolderOptions folder = new FolderOptions();

    @Override
    public Integer call() throws StartException, IOException {
      ServerName server = Settings.serverName(name);
      if (on && off) {
        throw new StartException("--on or --off, not both");
      }
      TenantFile file = new TenantFile(folder.settings().tenants());
      if (!file.read().containsKey(server)) {
        throw new StartException(server + " is not hosted here");
      }
      if (on || off || newKey) {
        boolean is = on || (!off && file.policyKey(server).isPresent());
        boolean unused = file.setPolicyServer(server, is, newKey);
      }
      System.out.println(
          file.policyKey(server)
              .map(key -> server + " is a policy server; m.room.policy: " + content(server, key))
              .orElse(server + " is no policy server"));
      return 0;
    }

    private static ObjectNode content(ServerName server, SigningKey key) {
      ObjectNode content = Json.object().put("via", server.value());
      content.putObject("public_keys").put("ed25519", key.publicKeyBase64());
      return content;
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
      new TenantFile(folder.settings().tenants())
          .read()
          .forEach((name, keys) -> System.out.println(name + "  " + String.join(" ", keys)));
      return 0;
    }
  }
}
