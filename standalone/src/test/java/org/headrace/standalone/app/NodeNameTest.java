package org.headrace.standalone.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.headrace.core.id.ServerName;
import org.headrace.log.effects.EffectReader;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.projections.runner.Projector;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.headrace.schema.trace.Traces;
import org.headrace.sender.app.FederationSender;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.headrace.standalone.broker.TopicCatalogue;
import org.headrace.topology.app.StreamsApp;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of two processes with one node name the first ends, whatever its role (on a real broker). */
class NodeNameTest {
  private static final Partitions PARTITIONS = new Partitions(1, 1);
  private static final String NODE = "node-1";
  private static final Duration LONGEST = Duration.ofSeconds(60);

  @TempDir Path data;

  private final Parts parts = new Parts(line -> {});
  private final BlockingQueue<String> firstEnds = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> secondEnds = new LinkedBlockingQueue<>();
  private Map<String, Object> kafka;

  @BeforeEach
  void start() throws Exception {
    EmbeddedBroker broker = parts.own(EmbeddedBroker.start(data));
    kafka = broker.access().clientConfig();
    TopicCatalogue.ensure(kafka, PARTITIONS, false);
  }

  @AfterEach
  void stop() {
    parts.close();
  }

  @Test
  void ofTheFederationSender() throws Exception {
    FederationSender first = sender("first", firstEnds);
    assertThat(first.isAlive()).isTrue();
    assertThat(first.awaitRunning(LONGEST)).isTrue();
    FederationSender second = sender("second", secondEnds);
    firstEnds("federation-sender");
    until(() -> !first.isAlive());
    assertThat(second.awaitRunning(LONGEST)).isTrue();
    assertThat(second.isAlive()).isTrue();
  }

  @Test
  void ofWhoReadsEffects() throws Exception {
    EffectReader first = reader(firstEnds);
    assertThat(first.isAlive()).isTrue();
    EffectReader second = reader(secondEnds);
    firstEnds("effects");
    until(() -> !first.isAlive());
    assertThat(second.isAlive()).isTrue();
  }

  @Test
  void ofTheProjector() throws Exception {
    Projector first = projector("first", firstEnds);
    assertThat(first.awaitCaughtUp(LONGEST)).isTrue();
    Projector second = projector("second", secondEnds);
    firstEnds("projector");
    until(() -> !first.isAlive());
    assertThat(second.awaitCaughtUp(LONGEST)).isTrue();
    assertThat(second.isAlive()).isTrue();
  }

  private void firstEnds(String part) throws Exception {
    String why = firstEnds.poll(LONGEST.toSeconds(), TimeUnit.SECONDS);
    assertThat(why).contains(part, "another process has this node's name");
    assertThat(secondEnds).isEmpty();
  }

  private FederationSender sender(String folder, BlockingQueue<String> ends) {
    RocksViews views = parts.own(RocksViews.open(data.resolve(folder).resolve("views")));
    FederationSender sender =
        parts.own(
            new FederationSender(
                new NoTenants(),
                PARTITIONS,
                kafka,
                data.resolve(folder).resolve("streams"),
                new StreamsApp.Member(NODE, 1, 0),
                views.rooms(),
                (queue, entries) -> Optional.empty(),
                (queue, transaction) -> {},
                line -> {},
                ends::add));
    sender.start();
    return sender;
  }

  private EffectReader reader(BlockingQueue<String> ends) {
    EffectReader reader =
        parts.own(new EffectReader(kafka, NODE, (effect, done) -> done.run(), ends::add));
    reader.start();
    until(() -> isMember("effects"));
    return reader;
  }

  private Projector projector(String folder, BlockingQueue<String> ends) {
    RocksViews views = parts.own(RocksViews.open(data.resolve(folder).resolve("views")));
    Projector projector =
        parts.own(
            Projector.shared(kafka, PARTITIONS, views, Traces.OFF, NODE, line -> {}, ends::add));
    projector.start();
    return projector;
  }

  private boolean isMember(String group) {
    try (var admin = Admin.create(kafka)) {
      var described = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group);
      return !described.get().members().isEmpty();
    } catch (ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Hosts nothing. */
  private static final class NoTenants implements Tenants {
    @Override
    public Optional<Tenant> find(ServerName name) {
      return Optional.empty();
    }

    @Override
    public Tenant forHost(@Nullable String hostHeader) {
      throw new IllegalStateException("nobody asks");
    }

    @Override
    public boolean isAlone(ServerName name) {
      return false;
    }
  }
}
