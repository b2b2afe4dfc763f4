package org.headrace.standalone.cli;

import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;
import org.headrace.core.id.ServerName;
import org.headrace.schema.tenant.Tenants;
import org.headrace.schema.trace.Traces;
import org.headrace.standalone.app.ClusterPipeline;
import org.headrace.standalone.app.FederationSetup;
import org.headrace.standalone.app.Node;
import org.headrace.standalone.app.Pipeline;
import org.headrace.standalone.app.Role;
import org.headrace.standalone.app.Running;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.headrace.standalone.tenant.FileTenantKeys;
import org.headrace.standalone.tenant.FileTenants;
import org.headrace.standalone.tenant.TenantFile;
import org.headrace.standalone.trace.OtlpTraces;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace run}: checks what it was given, starts everything, serves until stopped. */
@Command(
    name = "run",
    description = "Starts the server; stop it with Ctrl-C.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RunCommand implements Callable<Integer> {
  private static final ServerName DEFAULT_NAME = new ServerName("localhost");

  /** How long requests that are under way may take after the drain. */
  private static final int IN_FLIGHT_SECONDS_MAX = 30;

  /** A line of the log where requests are traced: as without, and the trace's id. */
  private static final String TRACED_LINE =
      "%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p [%c{3.}] (%t) [%X{traceId}] %s%e%n";

  @Option(
      names = "--server-name",
      paramLabel = "NAME",
      description =
          "the part after the colon in user ids (HEADRACE_SERVER_NAME)"
              + " [the data folder's first, else localhost]")
  @Nullable String serverName;

  @Option(names = "--port", paramLabel = "N", description = "HTTP port (HEADRACE_PORT) [8008]")
  @Nullable String port;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description = "address to listen on (HEADRACE_BIND) [127.0.0.1]")
  @Nullable String bind;

  @Option(
      names = "--open-registration",
      description = "let anyone register (HEADRACE_OPEN_REGISTRATION=true)")
  boolean openRegistration;

  @Option(
      names = "--unsafe-no-flush",
      description =
          "acknowledge writes before they are on the disk: faster, and a power cut loses the last"
              + " seconds (HEADRACE_UNSAFE_NO_FLUSH=true)")
  boolean noFlush;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description =
          "PEM file of the certificate chain; opens a port with TLS (HEADRACE_TLS_CERTIFICATE)")
  @Nullable String tlsCertificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "PEM file of its private key (HEADRACE_TLS_KEY)")
  @Nullable String tlsKey;

  @Option(
      names = "--tls-port",
      paramLabel = "N",
      description = "the port with TLS, where other servers look (HEADRACE_TLS_PORT) [8448]")
  @Nullable String tlsPort;

  @Option(
      names = "--federation-ca",
      paramLabel = "FILES",
      description =
          "PEM files of authorities to trust besides the system's, with commas"
              + " (HEADRACE_FEDERATION_CA)")
  @Nullable String federationCa;

  @Option(
      names = "--federation-addresses",
      paramLabel = "CIDRS",
      description =
          "private address ranges that other servers may be at, with commas"
              + " (HEADRACE_FEDERATION_ADDRESSES)")
  @Nullable String federationAddresses;

  @Option(
      names = "--federation-refused-addresses",
      paramLabel = "CIDRS",
      description =
          "further address ranges that nothing is sent to, with commas"
              + " (HEADRACE_FEDERATION_REFUSED_ADDRESSES)")
  @Nullable String federationRefusedAddresses;

  @Option(
      names = "--federation-allow",
      paramLabel = "GLOBS",
      description =
          "federate with these servers alone, with commas (HEADRACE_FEDERATION_ALLOW) [all]")
  @Nullable String federationAllow;

  @Option(
      names = "--federation-deny",
      paramLabel = "GLOBS",
      description = "never federate with these servers, with commas (HEADRACE_FEDERATION_DENY)")
  @Nullable String federationDeny;

  @Option(
      names = "--federation-notaries",
      paramLabel = "NAMES",
      description =
          "servers to ask for the keys of others, with commas (HEADRACE_FEDERATION_NOTARIES)")
  @Nullable String federationNotaries;

  @Option(
      names = "--federation-delegate",
      paramLabel = "NAME",
      description =
          "where /.well-known/matrix/server sends other servers: host[:port]"
              + " (HEADRACE_FEDERATION_DELEGATE) [nowhere]")
  @Nullable String federationDelegate;

  @Option(
      names = "--presence",
      paramLabel = "on|off",
      description = "whether users see who is there (HEADRACE_PRESENCE) [on]")
  @Nullable String presence;

  @Mixin ObservingFlags observing = new ObservingFlags();

  @Mixin ClusterFlags cluster = new ClusterFlags();

  @Mixin FolderOptions folder = new FolderOptions();

  @Override
  public Integer call() throws StartException, IOException {
    long begunNanos = System.nanoTime();
    Settings settings = settings();
    try (DataFolder held = DataFolder.hold(settings.data())) {
      if (servesHttp(settings)) {
        checkAddress(settings.bind(), settings.port(), Setting.PORT);
        if (settings.tls().isPresent()) {
          checkAddress(settings.bind(), settings.tls().get().port(), Setting.TLS_PORT);
        }
      }
      if (settings.management().isPresent()) {
        ManagementSettings management = settings.management().get();
        checkAddress(management.bind(), management.port(), Setting.MANAGEMENT_PORT);
      }
      boolean knowsTenants = Role.anyOf(Role.READERS, roles(settings));
      Tenants tenants = knowsTenants ? tenants(settings) : null;
      FederationSetup federation = knowsTenants ? federation(settings) : null;
      StartScreen screen = new StartScreen(System.out, settings.jsonLogs(), begunNanos);
      return serve(settings, tenants, federation, screen);
    }
  }

  private static Set<Role> roles(Settings settings) {
    return settings.cluster().map(ClusterOptions::roles).orElseGet(Role::all);
  }

  private static boolean servesHttp(Settings settings) {
    return Role.anyOf(Role.HTTP, roles(settings));
  }

  private Settings settings() throws StartException {
    Map<Setting, String> flags = folder.flags();
    FolderOptions.put(flags, Setting.SERVER_NAME, serverName);
    FolderOptions.put(flags, Setting.PORT, port);
    FolderOptions.put(flags, Setting.BIND, bind);
    FolderOptions.put(flags, Setting.OPEN_REGISTRATION, openRegistration ? "true" : null);
    FolderOptions.put(flags, Setting.UNSAFE_NO_FLUSH, noFlush ? "true" : null);
    FolderOptions.put(flags, Setting.TLS_CERTIFICATE, tlsCertificate);
    FolderOptions.put(flags, Setting.TLS_KEY, tlsKey);
    FolderOptions.put(flags, Setting.TLS_PORT, tlsPort);
    FolderOptions.put(flags, Setting.FEDERATION_CA, federationCa);
    FolderOptions.put(flags, Setting.FEDERATION_ADDRESSES, federationAddresses);
    FolderOptions.put(flags, Setting.FEDERATION_REFUSED_ADDRESSES, federationRefusedAddresses);
    FolderOptions.put(flags, Setting.FEDERATION_ALLOW, federationAllow);
    FolderOptions.put(flags, Setting.FEDERATION_DENY, federationDeny);
    FolderOptions.put(flags, Setting.FEDERATION_NOTARIES, federationNotaries);
    FolderOptions.put(flags, Setting.FEDERATION_DELEGATE, federationDelegate);
    FolderOptions.put(flags, Setting.PRESENCE, presence);
    observing.put(flags);
    cluster.put(flags);
    return Settings.resolve(flags, System.getenv()).requireMedia();
  }

  private static void checkAddress(String bind, int port, Setting setting) throws StartException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(bind), port));
    } catch (UnknownHostException e) {
      throw new StartException("no such address to listen on: " + bind);
    } catch (IOException e) {
      String why = e.getMessage() == null ? "" : e.getMessage();
      throw new StartException(
          why.contains("in use")
              ? "port " + port + " is in use on " + bind + "; take another with " + setting.flag()
              : "cannot listen on " + bind + ":" + port + ": " + why);
    }
  }

  private static Tenants tenants(Settings settings) throws StartException, IOException {
    TenantFile file = new TenantFile(settings.tenants());
    var hosted = file.read();
    if (hosted.isEmpty() && settings.cluster().isPresent()) {
      // Each process would make keys of its own.
      throw new StartException(
          settings.tenants()
              + " hosts nothing; headrace tenant add NAME --tenants DIR makes a folder for all"
              + " processes");
    }
    if (hosted.isEmpty()) {
      file.add(settings.serverName().orElse(DEFAULT_NAME));
      hosted = file.read();
    }
    ServerName preferred = settings.serverName().orElse(hosted.keySet().iterator().next());
    if (!hosted.containsKey(preferred)) {
      throw new StartException(
          settings.tenants()
              + " does not host "
              + preferred
              + " but "
              + String.join(", ", hosted.keySet().stream().map(ServerName::value).toList())
              + "; headrace tenant add "
              + preferred
              + " adds it");
    }
    return new FileTenants(file, preferred, settings.openRegistration(), System::nanoTime);
  }

  private static FederationSetup federation(Settings settings) throws StartException, IOException {
    FederationOptions options = settings.federation();
    for (Path file : options.caFiles()) {
      if (!Files.isReadable(file)) {
        throw new StartException("cannot read the certificates in " + file);
      }
    }
    FileTenantKeys keys =
        new FileTenantKeys(new TenantFile(settings.tenants()), options.policy(), System::nanoTime);
    return new FederationSetup(options.clientSettings(), keys, keys);
  }

  private static void serveTls(TlsSettings tls) {
    System.setProperty("quarkus.http.insecure-requests", "enabled");
    System.setProperty("quarkus.http.ssl-port", Integer.toString(tls.port()));
    System.setProperty("quarkus.http.ssl.certificate.files", tls.certificate().toString());
    System.setProperty("quarkus.http.ssl.certificate.key-files", tls.key().toString());
  }

  private static int serve(
      Settings settings,
      @Nullable Tenants tenants,
      @Nullable FederationSetup federation,
      StartScreen screen) {
    configureHttp(settings);
    configureLogs(settings);
    // Two threads must not meet in its first use.
    LoggerFactory.getILoggerFactory();
    screen.begin();
    Traces traces = traces(settings);
    FutureTask<Running> pipeline = new FutureTask<>(() -> start(settings, traces, screen));
    // Before there are two threads: log manager and log context initialise each other, and two
    // threads
    // that enter from the two ends wait for ever (seen once in some twenty starts).
    Logger.getLogger("").getLevel();
    Thread.ofPlatform().name("start").start(pipeline);
    Node.set(
        settings.data(), settings.media(), roles(settings), tenants, federation, traces, pipeline);
    Serving.whenReady(
        () -> {
          screen.ready(settings, tenants == null ? null : tenants.forHost(null).name());
          if (Boolean.getBoolean("headrace.training")) {
            Training.start(settings.port());
          }
        });
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    AtomicInteger exit = new AtomicInteger();
    Quarkus.run(
        Serving.class,
        (code, e) -> {
          exit.set(code);
          failure.set(e);
        },
        new String[0]);
    Throwable e = failure.get();
    if (e != null) {
      screen.failed(e, settings.data());
      return Main.EXIT_FAILED;
    }
    return exit.get();
  }

  private static Traces traces(Settings settings) {
    if (settings.traces().isEmpty()) {
      return Traces.OFF;
    }
    TraceSettings given = settings.traces().get();
    String node = settings.cluster().map(ClusterOptions::node).orElse("standalone");
    return new OtlpTraces(given.endpoint(), given.ratio(), Main.VERSION, node);
  }

  private static Running start(Settings settings, Traces traces, StartScreen screen)
      throws IOException, InterruptedException {
    if (settings.cluster().isPresent()) {
      ClusterOptions cluster = settings.cluster().get();
      Running running =
          ClusterPipeline.start(
              cluster.settings(settings.data()),
              traces,
              screen::found,
              screen::alarm,
              StartScreen::end);
      screen.step(cluster.node() + " is " + Role.shown(cluster.roles()));
      return running;
    }
    EmbeddedBroker broker = EmbeddedBroker.start(settings.data());
    screen.step("log");
    Running running =
        Pipeline.start(
            broker,
            settings.data(),
            settings.flushCommands(),
            traces,
            screen::found,
            screen::alarm,
            StartScreen::end);
    screen.step("topologies and views");
    return running;
  }

  private static void configureLogs(Settings settings) {
    System.setProperty("quarkus.log.file.path", settings.data().resolve("headrace.log").toString());
    System.setProperty(
        "quarkus.log.handler.file.kafka.path", settings.data().resolve("kafka.log").toString());
    if (settings.jsonLogs()) {
      System.setProperty("quarkus.log.console.json.enabled", "true");
      System.setProperty("quarkus.log.file.json.enabled", "true");
      System.setProperty("quarkus.log.console.level", "INFO");
    } else if (settings.traces().isPresent()) {
      System.setProperty("quarkus.log.file.format", TRACED_LINE);
    }
  }

  private static void configureHttp(Settings settings) {
    System.setProperty("quarkus.http.host-enabled", Boolean.toString(servesHttp(settings)));
    System.setProperty("quarkus.http.host", settings.bind());
    System.setProperty("quarkus.http.port", Integer.toString(settings.port()));
    settings.tls().ifPresent(RunCommand::serveTls);
    System.setProperty("headrace.presence", Boolean.toString(settings.presence()));
    settings
        .federation()
        .delegate()
        .ifPresent(name -> System.setProperty("headrace.federation.delegate", name.value()));
    System.setProperty(
        "quarkus.http.limits.max-connections", Integer.toString(OpenFiles.connectionsMax()));
    settings
        .management()
        .ifPresent(
            management -> {
              System.setProperty("quarkus.management.host-enabled", "true");
              System.setProperty("quarkus.management.host", management.bind());
              System.setProperty("quarkus.management.port", Integer.toString(management.port()));
            });
    if (settings.drainSeconds() > 0) {
      System.setProperty("quarkus.shutdown.delay", settings.drainSeconds() + "S");
      System.setProperty("quarkus.shutdown.timeout", IN_FLIGHT_SECONDS_MAX + "S");
    }
  }
}
