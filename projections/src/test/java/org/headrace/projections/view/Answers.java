package org.headrace.projections.view;

import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.OTHER_ROOM;
import static org.headrace.projections.LogFixture.PHONE;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.id;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;

/** What every port answers about the rooms and users of a log, a line for each question. */
public final class Answers {
  public static final List<String> FIELDS = List.of("displayname", "avatar_url");
  public static final List<String> FILTERS = List.of("0", "1", "2");
  public static final List<RoomAlias> ALIASES =
      List.of(
          new RoomAlias("#a:" + ALICE.server().value()),
          new RoomAlias("#b:" + ALICE.server().value()));
  public static final List<MediaId> MEDIA = List.of(new MediaId("one"), new MediaId("two"));
  public static final ServerName DIRECTORY = ALICE.server();

  private static final int[] LIMITS = {0, 1, 3, 1_000};
  private static final List<UserId> USERS = List.of(ALICE, BOB);
  private static final List<StateKey> KEYS =
      List.of(
          new StateKey("m.room.topic", ""),
          new StateKey("m.room.name", ""),
          StateKey.member(BOB.value()));

  private final List<String> answers = new ArrayList<>();
  private final ViewPorts views;
  private final int commands;

  private Answers(ViewPorts views, int commands) {
    this.views = views;
    this.commands = commands;
  }

  /**
   * @param commands of the log, each with events {@code e<offset>} and {@code f<offset>}
   */
  public static List<String> of(ViewPorts views, int commands) {
    Answers answers = new Answers(views, commands);
    for (RoomId room : List.of(ROOM, OTHER_ROOM)) {
      answers.room(room);
      answers.timeline(room);
      answers.state(room);
    }
    USERS.forEach(answers::account);
    answers.aliasesAndDirectory();
    return answers.answers;
  }

  public static <T> T pick(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  private void add(String question, Supplier<Object> answer) {
    String found;
    try {
      found = String.valueOf(answer.get());
    } catch (IllegalStateException e) {
      // Random records may contradict themselves; both must say so.
      found = e.getMessage();
    }
    answers.add(question + ": " + found);
  }

  private List<Position> positions() {
    return List.of(Position.NONE, at(0), at(commands / 3), at(commands / 2, 1), at(commands));
  }

  private void room(RoomId room) {
    RoomsView rooms = views.rooms();
    add("room", () -> rooms.room(room));
    add("members", () -> rooms.members(room));
    add("counts", () -> rooms.counts(room));
    add("servers", () -> rooms.servers(room));
    add("gaps", () -> rooms.gaps(room));
    for (UserId user : USERS) {
      ServerName server = user.server();
      add("rooms of", () -> rooms.roomsOf(user));
      add("membership", () -> rooms.membership(room, user));
      add("is joined", () -> rooms.isJoined(room, server));
      for (int limit : LIMITS) {
        add("joined of " + limit, () -> rooms.joinedOf(room, server, limit));
        add("users of " + limit, () -> rooms.usersOf(room, server, limit));
      }
      for (Position at : positions()) {
        add("membership at " + at, () -> rooms.membership(room, user, at));
      }
    }
    for (long ts : new long[] {0, 999, 1_000, 2_500}) {
      add("typing at " + ts, () -> views.ephemeral().typing(room, ts));
    }
    for (Position after : positions()) {
      add("receipts", () -> views.ephemeral().receipts(room, after, at(commands)));
      add("devices", () -> views.timeline().devicesChanged(room, after, at(commands / 2)));
      add("changes", () -> views.state().changes(room, after, at(commands)));
    }
  }

  private void timeline(RoomId room) {
    TimelineView timeline = views.timeline();
    long[] places = {Long.MIN_VALUE, -7, -1, at(commands / 2).packed(), Long.MAX_VALUE};
    for (long after : places) {
      for (long upTo : places) {
        for (int limit : LIMITS) {
          String range = after + " " + upTo + " " + limit;
          add("newest " + range, () -> ids(timeline.newest(room, after, upTo, limit)));
          add("oldest " + range, () -> ids(timeline.oldest(room, after, upTo, limit)));
        }
      }
    }
    for (long ts : new long[] {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE}) {
      add("from " + ts, () -> ids(timeline.fromTime(room, ts, 5)));
      add("to " + ts, () -> ids(timeline.toTime(room, ts, 5)));
    }
    List<EventId> all = new ArrayList<>();
    for (int i = 0; i < commands; i++) {
      all.add(id("f" + i));
      all.add(id("e" + i));
    }
    add("events", () -> timeline.events(room, all));
    for (EventId event : all.subList(0, commands / 2)) {
      add("rooms of event", () -> timeline.roomsOf(event));
    }
  }

  private static List<EventId> ids(List<EventRow> rows) {
    return rows.stream().map(EventRow::eventId).toList();
  }

  private void state(RoomId room) {
    StateView state = views.state();
    for (Position at : positions()) {
      add("all at " + at, () -> state.all(room, at));
      add("members at " + at, () -> state.ofType(room, "m.room.member", at));
      for (StateKey key : KEYS) {
        add("entry at " + at, () -> state.entry(room, key, at));
      }
    }
    for (int i = 0; i < commands; i += 4) {
      EventId event = id("e" + i);
      add("all before " + event, () -> state.allBefore(room, event));
      for (StateKey key : KEYS) {
        add("before " + event, () -> state.entryBefore(room, event, key));
      }
    }
  }

  private void account(UserId user) {
    AccountsView accounts = views.accounts();
    add("account", () -> accounts.account(user));
    add("devices", () -> accounts.devices(user));
    add("device", () -> accounts.device(user, PHONE));
    add("profile", () -> accounts.profile(user));
    add("keys", () -> accounts.deviceKeys(user));
    add("key counts", () -> accounts.keyCounts(user, PHONE));
    add("devices changed", () -> accounts.devicesChanged(user));
    add("signing keys", () -> accounts.signingKeys(user));
    add("media bytes", () -> accounts.mediaBytes(user));
    USERS.forEach(other -> add("signatures", () -> accounts.signatures(user, other)));
    FILTERS.forEach(filter -> add("filter " + filter, () -> accounts.filter(user, filter)));
    MEDIA.forEach(media -> add("media " + media, () -> accounts.media(user.server(), media)));
    EphemeralView ephemeral = views.ephemeral();
    for (Position after : positions()) {
      add("presence changed", () -> ephemeral.presenceChanged(0, after, at(commands)));
    }
    add("presence reached", () -> ephemeral.presenceReached(0));
    add("presence", () -> ephemeral.presence(0, user));
    add("presence ended", () -> ephemeral.presenceEnded(0, 0, 1_000 + commands));
    for (int i = 0; i < commands; i += 3) {
      String token = "t" + i;
      add("session " + token, () -> accounts.session(token));
    }
    for (int i = 0; i < 3; i++) {
      String type = "t" + i;
      add("data " + type, () -> accounts.accountData(user, null, type));
    }
    for (Position after : positions()) {
      add("data", () -> accounts.accountDataChanged(user, after, at(commands)));
      for (int limit : LIMITS) {
        add("to device", () -> accounts.toDevice(user, PHONE, after, at(commands), limit));
      }
    }
  }

  private void aliasesAndDirectory() {
    AccountsView accounts = views.accounts();
    for (RoomAlias alias : ALIASES) {
      add("alias", () -> accounts.alias(alias));
      add("alias creator", () -> accounts.aliasCreator(alias));
    }
    for (RoomId room : List.of(ROOM, OTHER_ROOM)) {
      add("aliases of", () -> accounts.aliasesOf(room));
      add("is listed", () -> accounts.isListed(DIRECTORY, room));
    }
    for (int limit : LIMITS) {
      add("listed " + limit, () -> accounts.listed(DIRECTORY, limit));
    }
    add("reached", () -> accounts.reached(0));
    add("items reached", () -> accounts.itemsReached(0));
  }
}
