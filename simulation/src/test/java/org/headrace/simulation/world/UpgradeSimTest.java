package org.headrace.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.headrace.account.account.AccountTopology;
import org.headrace.core.event.EventHashes;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.Revision;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.tick.Tick;
import org.headrace.simulation.world.FakeLog.Entry;
import org.headrace.stateres.room.ForeignRoom;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.processor.MachineDefinition;
import org.headrace.topology.store.VersionedStore;
import org.junit.jupiter.api.Test;

/** An upgrade is two rooms, an alias and a directory; a crash may come between any two steps. */
class UpgradeSimTest {
  private static final long TS = 1_700_000_000_000L;
  private static final UserId ALICE = new UserId("@alice:one.example");
  private static final RoomAlias ALIAS = new RoomAlias("#lobby:one.example");
  private static final int SEEDS_EACH = 3;

  /** One deployment, and what a client asks of it. */
  private static final class Run {
    final FakeLog log = new FakeLog(World.PARTITIONS);
    final Faults faults;
    final List<Task<?, ?>> tasks = new ArrayList<>();
    final RoomCommand.CreateRoom old = room("old", "11");
    final List<RoomCommand.UpgradeRoom> upgrades = new ArrayList<>();

    Run(long seed, long dieAt) {
      faults = new Faults(new Random(seed), 0);
      Random random = new Random(seed);
      for (int p = 0; p < World.PARTITIONS.rooms(); p++) {
        tasks.add(task(RoomTopology.definition(), p, random));
      }
      for (int p = 0; p < World.PARTITIONS.accounts(); p++) {
        tasks.add(task(AccountTopology.definition(), p, random));
      }
      publish(old);
      publish(new AccountCommand.SetAlias("alias", TS, ALIAS, old.roomId(), ALICE));
      publish(new AccountCommand.ListRoom("list", TS, old.roomId(), ALICE.server(), true));
      rest();
      faults.dieAt(dieAt < 0 ? -1 : faults.steps() + dieAt);
    }

    private <C, R extends LogRecord> Task<C, R> task(
        MachineDefinition<C, R> definition, int p, Random random) {
      return new Task<>(definition, p, log, faults, random, VersionedStore.VERSIONS_KEPT_MILLIS);
    }

    private static RoomCommand.CreateRoom room(String name, String version) {
      RoomVersion of = RoomVersion.find(version).orElseThrow();
      ObjectNode create = new ForeignRoom(of).create(ALICE, name).json().deepCopy();
      create.remove("signatures");
      ObjectNode levels = Json.object();
      levels.putObject("users");
      if (!of.auth().privilegedCreators()) {
        levels.putObject("users").put(ALICE.value(), 100);
      }
      return new RoomCommand.CreateRoom(
          "create " + name,
          TS,
          EventHashes.roomIdOfCreate(create, of),
          version,
          ALICE,
          create,
          List.of(
              state("m.room.member", ALICE.value(), Json.object().put("membership", "join")),
              state("m.room.power_levels", "", levels)),
          null);
    }

    private static Draft state(String type, String key, ObjectNode content) {
      return new Draft(ALICE, type, key, content);
    }

    void upgrade(RoomCommand.CreateRoom to) {
      ObjectNode tombstone = Json.object().put("replacement_room", to.roomId().value());
      ObjectNode levels = Json.object().put("events_default", 50);
      levels.putObject("users").put(ALICE.value(), 100);
      RoomCommand.UpgradeRoom upgrade =
          new RoomCommand.UpgradeRoom(
              "upgrade" + upgrades.size(),
              TS,
              old.roomId(),
              ALICE,
              to,
              new RoomCommand.Closing(
                  state("m.room.tombstone", "", tombstone),
                  List.of(new Revision(state("m.room.power_levels", "", levels), null)),
                  List.of(ALIAS),
                  false,
                  ALICE.server()));
      upgrades.add(upgrade);
      publish(upgrade);
    }

    void publish(RoomCommand command) {
      log.publish(Topic.ROOM_COMMANDS, command.roomId().value(), LogJson.encode(command), TS);
    }

    void publish(AccountCommand command) {
      log.publish(Topic.ACCOUNT_COMMANDS, command.key(), LogJson.encode(command), TS);
    }

    void rest() {
      boolean busy = true;
      while (busy) {
        busy = false;
        for (Task<?, ?> task : tasks) {
          while (!task.isIdle()) {
            task.process();
            task.flushSome();
            busy = true;
          }
          busy |= !task.commit();
        }
      }
    }

    /** What became of a command in the end. */
    Outcome outcome(String commandId) {
      Outcome outcome = null;
      for (int p = 0; p < World.PARTITIONS.rooms(); p++) {
        for (Entry entry : log.of(Topic.ROOM_TICKS, p)) {
          Tick tick = LogJson.decode(Objects.requireNonNull(entry.value()), Tick.class);
          if (tick instanceof Tick.Decided decided && decided.commandId().equals(commandId)) {
            outcome = decided.outcome();
          }
        }
      }
      return Objects.requireNonNull(outcome, commandId);
    }

    /** The newest state events of the room, by type and key. */
    TreeMap<String, ObjectNode> state(RoomId room) {
      TreeMap<Position, EventDecided> events = new TreeMap<>();
      for (Entry entry : log.of(Topic.ROOM_LOG, World.PARTITIONS.ofRoom(room.value()))) {
        RoomRecord record = LogJson.decode(Objects.requireNonNull(entry.value()), RoomRecord.class);
        if (record instanceof EventDecided event && event.roomId().equals(room)) {
          events.put(event.position(), event);
        }
      }
      TreeMap<String, ObjectNode> state = new TreeMap<>();
      for (EventDecided event : events.values()) {
        String key =
            event.skeleton().path("type").asText() + event.skeleton().path("state_key").asText();
        assertThat(state.put(key, event.skeleton()) == null || key.equals("m.room.power_levels"))
            .as(key + " once")
            .isTrue();
      }
      return state;
    }

    /** What the newest records of the alias and the directory say. */
    TreeMap<String, String> names() {
      TreeMap<String, String> names = new TreeMap<>();
      for (int p = 0; p < World.PARTITIONS.accounts(); p++) {
        for (Entry entry : log.of(Topic.ACCOUNT_LOG, p)) {
          AccountRecord record =
              LogJson.decode(Objects.requireNonNull(entry.value()), AccountRecord.class);
          if (record instanceof AccountRecord.AliasChanged changed) {
            names.put("alias", String.valueOf(changed.room()));
          } else if (record instanceof AccountRecord.RoomListed listed) {
            names.put("listed " + listed.room(), Boolean.toString(listed.listed()));
          }
        }
      }
      return names;
    }

    void checkWhole(RoomId replacement) {
      assertThat(state(replacement)).containsKey("m.room.create");
      TreeMap<String, ObjectNode> closed = state(old.roomId());
      // The body of a tombstone is not in the log; that there is one, for this room, is.
      assertThat(closed).containsKey("m.room.tombstone");
      assertThat(closed.get("m.room.power_levels").path("content").path("events_default").asInt())
          .isEqualTo(50);
      assertThat(names())
          .containsEntry("alias", replacement.value())
          .containsEntry("listed " + replacement, "true")
          .containsEntry("listed " + old.roomId(), "false");
    }
  }

  private static Outcome done(RoomId replacement) {
    return new Outcome.Done(Json.object().put("replacement_room", replacement.value()));
  }

  @Test
  void aCrashBetweenAnyTwoStepsEndsInOneWholeUpgrade() {
    Run calm = new Run(0, -1);
    long before = calm.faults.steps();
    calm.upgrade(Run.room("new", "12"));
    calm.rest();
    long steps = calm.faults.steps() - before;
    assertThat(steps).isGreaterThan(20);
    for (long dieAt = 1; dieAt <= steps; dieAt++) {
      for (int seed = 0; seed < SEEDS_EACH; seed++) {
        Run run = new Run(seed, dieAt);
        RoomCommand.CreateRoom to = Run.room("new", "12");
        run.upgrade(to);
        // The client has seen no answer; its second request would make another room.
        run.upgrade(Run.room("another", "12"));
        run.rest();
        run.checkWhole(to.roomId());
        assertThat(run.outcome(Pending.idOf("upgrade0"))).isEqualTo(done(to.roomId()));
        run.upgrade(Run.room("late", "12"));
        run.rest();
        assertThat(run.outcome("upgrade2")).isEqualTo(done(to.roomId()));
        assertThat(run.state(run.upgrades.get(1).create().roomId())).isEmpty();
        assertThat(run.state(run.upgrades.get(2).create().roomId())).isEmpty();
        assertThat(((Outcome.Done) run.outcome("upgrade1")).result().path("replacement_room"))
            .isEqualTo(Json.object().put("is", to.roomId().value()).get("is"));
        assertThat(run.faults.crashes()).isEqualTo(1);
      }
    }
  }

  @Test
  void aCrashAroundARefusedRoomLeavesNothing() {
    for (long dieAt = 1; dieAt <= 12; dieAt++) {
      Run run = new Run(dieAt, dieAt);
      TreeMap<String, ObjectNode> before = run.state(run.old.roomId());
      RoomCommand.CreateRoom to = Run.room("new", "12");
      List<Draft> bad = new ArrayList<>(to.events());
      // Who is not in the room may not name it.
      bad.add(new Draft(new UserId("@mallory:one.example"), "m.room.name", "", Json.object()));
      run.upgrade(
          new RoomCommand.CreateRoom(
              to.id(), TS, to.roomId(), "12", ALICE, to.createEvent(), bad, null));
      run.rest();
      assertThat(run.state(run.old.roomId())).isEqualTo(before);
      assertThat(run.state(to.roomId())).isEmpty();
      assertThat(run.names()).containsEntry("alias", run.old.roomId().value());
      assertThat(run.outcome(Pending.idOf("upgrade0"))).isInstanceOf(Outcome.Failed.class);
      // Another attempt is free to succeed.
      RoomCommand.CreateRoom good = Run.room("good", "12");
      run.upgrade(good);
      run.rest();
      run.checkWhole(good.roomId());
    }
  }
}
