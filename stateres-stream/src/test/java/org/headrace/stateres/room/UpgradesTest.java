package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.stateres.room.RoomFixture.ALICE;
import static org.headrace.stateres.room.RoomFixture.BOB;
import static org.headrace.stateres.room.RoomFixture.CAROL;
import static org.headrace.stateres.room.RoomFixture.TS;
import static org.headrace.stateres.room.RoomFixture.assertFailed;
import static org.headrace.stateres.room.RoomFixture.membership;
import static org.headrace.stateres.room.RoomFixture.result;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.command.RoomCommand.AppendMinted;
import org.headrace.schema.command.RoomCommand.BeginJoin;
import org.headrace.schema.command.RoomCommand.Closing;
import org.headrace.schema.command.RoomCommand.CreateRoom;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.FinishUpgrade;
import org.headrace.schema.command.RoomCommand.Revision;
import org.headrace.schema.command.RoomCommand.SendEvent;
import org.headrace.schema.command.RoomCommand.UpgradeRoom;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord.EventMinted;
import org.headrace.schema.record.RoomRecord.UpgradeChanged;
import org.headrace.schema.record.RoomRecord.UpgradeStep;
import org.junit.jupiter.api.Test;

/** An upgrade as the old room sees it; {@code UpgradeSimTest} has it whole. */
class UpgradesTest {
  private static final RoomId NEW = new RoomId("!new");

  private final RoomFixture fixture = RoomFixture.withRoom("11");

  private Outcome upgrade(UserId user, String id, String to, long ts) {
    CreateRoom create =
        new CreateRoom("create " + id, ts, NEW, to, user, Json.object(), List.of(), null);
    return fixture.decide(new UpgradeRoom(id, ts, fixture.room, user, create, closing(user)));
  }

  private static Closing closing(UserId user, Revision... revisions) {
    ObjectNode content = Json.object().put("replacement_room", NEW.value());
    return new Closing(
        new Draft(user, "m.room.tombstone", "", content),
        List.of(revisions),
        List.of(),
        false,
        null);
  }

  private Outcome report(UserId user, String id, Outcome outcome) {
    return report(id, outcome, closing(user));
  }

  private Outcome report(String id, Outcome outcome, Closing closing) {
    return fixture.decide(
        new FinishUpgrade(Pending.idOf(id), TS, fixture.room, id, NEW, outcome, closing));
  }

  private Outcome made() {
    return Decision.done("room_id", NEW.value());
  }

  private List<RoomCommand> asked() {
    return fixture.outputs.stream()
        .filter(output -> output.topic() == Topic.ROOM_COMMANDS)
        .map(output -> LogJson.decode(Objects.requireNonNull(output.value()), RoomCommand.class))
        .toList();
  }

  @Test
  void theNewRoomIsAskedForOnce() {
    assertThat(result(upgrade(ALICE, "u", "12", TS), "pending")).isEqualTo(Pending.idOf("u"));
    assertThat(result(upgrade(ALICE, "again", "12", TS), "pending")).isEqualTo(Pending.idOf("u"));
    assertFailed(upgrade(ALICE, "other", "10", TS), Failure.IN_PROGRESS);
    assertThat(asked()).hasSize(1);
    assertThat(asked().getFirst())
        .isInstanceOfSatisfying(
            CreateRoom.class,
            create -> {
              RoomCommand.Upgrading upgrading = Objects.requireNonNull(create.upgrades());
              assertThat(upgrading.room()).isEqualTo(fixture.room);
              assertThat(upgrading.upgradeId()).isEqualTo("u");
            });
    assertThat(result(report(ALICE, "u", made()), "replacement_room")).isEqualTo(NEW.value());
    assertThat(result(report(ALICE, "u", made()), "replacement_room")).isEqualTo(NEW.value());
    fixture.current("m.room.tombstone", "");
    assertThat(result(upgrade(ALICE, "late", "12", TS), "replacement_room")).isEqualTo(NEW.value());
    assertThat(asked()).hasSize(1);
    // Another version is another upgrade.
    assertThat(result(upgrade(ALICE, "more", "10", TS), "pending")).isEqualTo(Pending.idOf("more"));
    fixture.assertReplays();
  }

  @Test
  void onlyWhoMaySendATombstoneUpgrades() {
    assertFailed(upgrade(BOB, "u", "12", TS), Failure.FORBIDDEN);
    fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN));
    assertFailed(upgrade(BOB, "u", "12", TS), Failure.FORBIDDEN);
    assertThat(asked()).isEmpty();
  }

  @Test
  void whoLosesTheirPowerMeanwhileUpgradesNothing() {
    fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN));
    fixture.eventOf(fixture.setState(ALICE, "m.room.power_levels", "", levels(50)));
    upgrade(BOB, "u", "12", TS);
    fixture.eventOf(fixture.setState(ALICE, "m.room.power_levels", "", levels(0)));
    assertFailed(report(BOB, "u", made()), Failure.FORBIDDEN);
    assertFailed(report(BOB, "u", made()), Failure.BAD_STATE);
    assertThat(result(upgrade(ALICE, "v", "12", TS), "pending")).isEqualTo(Pending.idOf("v"));
    fixture.assertReplays();
  }

  private static ObjectNode levels(int bob) {
    ObjectNode levels = Json.object();
    levels.putObject("users").put(ALICE.value(), 100).put(BOB.value(), bob);
    return levels;
  }

  @Test
  void whatSomebodyChangedMeanwhileIsNotOverwritten() {
    EventId levels = fixture.eventOf(fixture.setState(ALICE, "m.room.power_levels", "", levels(0)));
    EventId alias =
        fixture.eventOf(fixture.setState(ALICE, "m.room.canonical_alias", "", Json.object()));
    upgrade(ALICE, "u", "12", TS);
    fixture.eventOf(fixture.setState(ALICE, "m.room.power_levels", "", levels(50)));
    Draft quiet = new Draft(ALICE, "m.room.power_levels", "", levels(0));
    Draft emptied = new Draft(ALICE, "m.room.canonical_alias", "", Json.object());
    Closing closing = closing(ALICE, new Revision(emptied, alias), new Revision(quiet, levels));
    assertThat(result(report("u", made(), closing), "replacement_room")).isEqualTo(NEW.value());
    assertThat(asked().stream().filter(SendEvent.class::isInstance).map(SendEvent.class::cast))
        .extracting(send -> send.event().type())
        .containsExactly("m.room.canonical_alias");
  }

  @Test
  void aRoomThatIsBeingJoinedAnewGetsNoTombstone() {
    ForeignRoom far = new ForeignRoom(fixture.version);
    EventId last = fixture.joinZoe(far);
    upgrade(ALICE, "u", "12", TS);
    fixture.eventOf(fixture.change(ALICE, ALICE, Action.LEAVE));
    Pdu join =
        far.make(CAROL, "m.room.member", CAROL.value(), membership("join"), List.of(last), TS);
    assertThat(
            fixture.decide(
                new BeginJoin("join", TS, fixture.room, "join", fixture.version.id(), join.json())))
        .isEqualTo(Decision.done());
    assertFailed(report(ALICE, "u", made()), Failure.FORBIDDEN);
    assertThat(fixture.records(UpgradeChanged.class).getLast().step())
        .isEqualTo(UpgradeStep.DROPPED);
    fixture.assertReplays();
  }

  @Test
  void aTombstoneThatWaitsForThePolicyServerIsThatOfItsUpgrade() {
    SigningKey key = SigningKey.fromSeed("ed25519:policy_server", new byte[32]);
    fixture.usePolicyServer(new ForeignRoom(fixture.version), key);
    upgrade(ALICE, "u", "12", TS);
    assertThat(result(report(ALICE, "u", made()), "replacement_room")).isEqualTo(NEW.value());
    EventId tombstone = fixture.records(EventMinted.class).getLast().eventId();
    assertThat(result(upgrade(ALICE, "late", "12", TS), "replacement_room")).isEqualTo(NEW.value());
    assertThat(asked().stream().filter(CreateRoom.class::isInstance)).hasSize(1);
    // Without a tombstone nothing leads to the new room.
    fixture.decide(
        new AppendMinted("append", TS, fixture.room, tombstone, null, "the policy forbids it"));
    assertThat(result(upgrade(ALICE, "v", "12", TS), "pending")).isEqualTo(Pending.idOf("v"));
    fixture.assertReplays();
  }

  @Test
  void aRefusedRoomAndOneThatNeverReportsAreForgotten() {
    upgrade(ALICE, "u", "12", TS);
    Outcome refused = new Outcome.Failed(Failure.FORBIDDEN, "no");
    assertThat(report(ALICE, "u", refused)).isEqualTo(refused);
    upgrade(ALICE, "v", "12", TS);
    assertThat(result(upgrade(ALICE, "w", "12", TS + Upgrade.ABANDONED_MILLIS), "pending"))
        .isEqualTo(Pending.idOf("w"));
    assertFailed(report(ALICE, "v", made()), Failure.BAD_STATE);
    assertThat(result(report(ALICE, "w", made()), "replacement_room")).isEqualTo(NEW.value());
    fixture.assertReplays();
  }
}
