package org.headrace.standalone.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.http.MatrixError;
import org.headrace.ingest.account.PasswordHasher;
import org.headrace.ingest.account.Registration;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.trace.Traces;
import org.headrace.standalone.app.CommandLink;
import org.headrace.standalone.app.Pipeline;
import org.headrace.standalone.broker.BrokerAccess;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.headrace.standalone.tenant.TenantFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace user}: accounts, made by the data folder's owner. */
@Command(
    name = "user",
    description = "Accounts.",
    mixinStandardHelpOptions = true,
    subcommands = UserCommand.Add.class)
final class UserCommand {
  /** Makes an account through the running server's log; starts what it needs if none runs. */
  @Command(
      name = "add",
      description = "Makes an account, also where registration is closed.",
      mixinStandardHelpOptions = true,
      sortOptions = false)
  static final class Add implements Callable<Integer> {
    private static final int MEMORY_KIB = 19_456;
    private static final int ITERATIONS = 2;

    @Parameters(
        paramLabel = "NAME",
        description = "a name on the default server, or a user id: alice, @alice:example.org")
    String name = "";

    @Option(names = "--admin", description = "make it an administrator")
    boolean admin;

    @Option(
        names = "--password-stdin",
        description = "read the password from the first line of standard input")
    boolean passwordFromInput;

    @Mixin KafkaOptions kafka = new KafkaOptions();
    @Mixin FolderOptions folder = new FolderOptions();

    @Override
    public Integer call() throws StartException, IOException, InterruptedException {
      Map<Setting, String> flags = folder.flags();
      kafka.put(flags);
      Settings settings = Settings.resolve(flags, System.getenv());
      try {
        UserId user = user(settings);
        String password = password(user);
        Registration.requireAcceptable(password);
        String hash = hasher().hash(password);
        if (settings.cluster().isPresent()) {
          register(user, hash, settings.cluster().get());
        } else if (DataFolder.isHeld(settings.data())) {
          register(user, hash, running(settings));
        } else {
          registerStopped(user, hash, settings);
        }
        System.out.println(user + (admin ? " is an administrator here" : " has an account"));
        return 0;
      } catch (MatrixError e) {
        throw new StartException(e.getMessage() == null ? e.toString() : e.getMessage());
      }
    }

    private static PasswordHasher hasher() {
      SecureRandom random = new SecureRandom();
      return new PasswordHasher(
          count -> {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
          },
          MEMORY_KIB,
          ITERATIONS);
    }

    private static BrokerAccess running(Settings settings) throws IOException, StartException {
      Optional<BrokerAccess> access = BrokerAccess.ofRunning(settings.data());
      return access.orElseThrow(
          () -> new StartException("the server is starting; try again in a moment"));
    }

    private void registerStopped(UserId user, String hash, Settings settings)
        throws StartException, IOException, InterruptedException {
      try (DataFolder held = DataFolder.hold(settings.data());
          Pipeline pipeline =
              Pipeline.start(
                  EmbeddedBroker.start(settings.data()),
                  settings.data(),
                  settings.flushCommands(),
                  Traces.OFF,
                  line -> System.err.println("headrace: " + line),
                  line -> System.err.println("headrace: " + line),
                  StartScreen::end)) {
        submit(user, hash, pipeline.commandLog());
      }
    }

    private void register(UserId user, String hash, BrokerAccess access)
        throws StartException, InterruptedException {
      try (CommandLink link = CommandLink.toBroker(access)) {
        submit(user, hash, link.commandLog());
      }
    }

    private void register(UserId user, String hash, ClusterOptions cluster)
        throws StartException, InterruptedException {
      try (CommandLink link = CommandLink.toCluster(cluster.kafka().clientConfig())) {
        submit(user, hash, link.commandLog());
      } catch (IllegalStateException e) {
        throw new StartException(e.getMessage() == null ? e.toString() : e.getMessage());
      }
    }

    private void submit(UserId user, String hash, CommandLog log) throws StartException {
      try {
        Outcome outcome =
            log.submit(
                Registration.command(
                    log.newId(), System.currentTimeMillis(), user, hash, admin, null),
                CommandLog.WAIT_LONG);
        if (outcome instanceof Outcome.Failed failed) {
          throw new StartException(user + " was not made: " + failed.message());
        }
      } catch (NoAnswerException e) {
        throw new StartException(e.getMessage() == null ? "no answer" : e.getMessage());
      }
    }

    private UserId user(Settings settings) throws StartException, IOException {
      var hosted = new TenantFile(settings.tenants()).read();
      if (hosted.isEmpty()) {
        throw new StartException(
            settings.tenants()
                + " hosts nothing yet; start the server once, or headrace tenant add");
      }
      String bare = name.startsWith("@") ? name.substring(1) : name;
      int colon = bare.indexOf(':');
      ServerName server =
          colon < 0
              ? settings.serverName().orElseGet(() -> hosted.keySet().iterator().next())
              : Settings.serverName(bare.substring(colon + 1));
      if (!hosted.containsKey(server)) {
        throw new StartException(server + " is not hosted here; headrace tenant list says what is");
      }
      return Registration.userId(colon < 0 ? bare : bare.substring(0, colon), server);
    }

    private String password(UserId user) throws StartException, IOException {
      if (passwordFromInput) {
        String line =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return line == null ? "" : line;
      }
      Console console = System.console();
      if (console == null || !console.isTerminal()) {
        throw new StartException("no terminal to ask for the password: use --password-stdin");
      }
      char[] once = console.readPassword("Password for %s: ", user);
      char[] twice = console.readPassword("Once more: ");
      if (once == null || !Arrays.equals(once, twice)) {
        throw new StartException("the passwords differ");
      }
      return new String(once);
    }
  }
}
