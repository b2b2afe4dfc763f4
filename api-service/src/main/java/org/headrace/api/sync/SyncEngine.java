package org.headrace.api.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.log.ticks.TracedNews;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;

/**
 * /sync: what lies between the client's token and now, or the first of it that comes. Each round
 * takes {@code now}, a vector of reached positions, first, and then reads only what is not after
 * it, so that an answer is consistent although the projector goes on. Waiting starts before
 * reading, so nothing is missed between the two. Stateless; used by many (virtual) threads.
 */
@Singleton
public class SyncEngine {
  /** How often an expiry of typing is looked for while somebody is shown typing. */
  private static final Duration TYPING_CHECK = Duration.ofSeconds(1);

  /** How often an end of somebody's presence is looked for. */
  private static final Duration PRESENCE_CHECK = Duration.ofSeconds(10);

  private final RoomsView rooms;
  private final AccountsView accounts;
  private final EphemeralView ephemeral;
  private final Wakeups wakeups;
  private final Partitions partitions;
  private final UserRooms userRooms;
  private final RoomSections sections;
  private final InviteProvider invites;
  private final AccountDataProvider accountData;
  private final ToDeviceProvider toDevice;
  private final DeviceListsProvider deviceLists;
  private final PresenceProvider presence;
  private final SyncPace pace;
  private final TracedNews traced;
  private final Clock clock;

  @Inject
  public SyncEngine(
      RoomsView rooms,
      AccountsView accounts,
      EphemeralView ephemeral,
      Wakeups wakeups,
      Partitions partitions,
      UserRooms userRooms,
      RoomSections sections,
      InviteProvider invites,
      AccountDataProvider accountData,
      ToDeviceProvider toDevice,
      DeviceListsProvider deviceLists,
      PresenceProvider presence,
      SyncPace pace,
      TracedNews traced,
      Clock clock) {
    this.rooms = rooms;
    this.accounts = accounts;
    this.ephemeral = ephemeral;
    this.wakeups = wakeups;
    this.partitions = partitions;
    this.userRooms = userRooms;
    this.sections = sections;
    this.invites = invites;
    this.accountData = accountData;
    this.toDevice = toDevice;
    this.deviceLists = deviceLists;
    this.presence = presence;
    this.pace = pace;
    this.traced = traced;
    this.clock = clock;
  }

  /**
   * {@code told}: the rooms with something to tell; {@code typing}: whether somebody was told to
   * type.
   */
  private record Answer(
      ObjectNode json,
      boolean news,
      Set<String> joined,
      SyncToken now,
      List<RoomWindow> told,
      boolean typing) {
    Duration check() {
      return typing ? TYPING_CHECK : PRESENCE_CHECK;
    }
  }

  /**
   * The answer to a request; blocks up to its timeout while there is nothing to tell.
   *
   * @param sessionCheck throws if the session has ended; asked again after each wait
   */
  public ObjectNode sync(SyncRequest request, Runnable sessionCheck) {
    request.since().ifPresent(since -> acknowledge(request.session(), since.toDevice()));
    presence.note(request);
    Instant begun = clock.instant();
    boolean immediate = request.since().isEmpty() || request.fullState();
    long end = System.nanoTime() + request.timeout().toNanos();
    if (!immediate && !request.timeout().isZero()) {
      pace.await(request.session());
    }
    Set<String> joined = joinedRooms(request.session().user());
    while (true) {
      try (Wakeups.Waiter waiter = wakeups.register(request.session().user(), joined)) {
        Answer answer = answer(request);
        while (!immediate && !answer.news() && answer.joined().equals(joined)) {
          Duration left = Duration.ofNanos(end - System.nanoTime());
          if (!left.isPositive() || wakeups.isDraining()) {
            break;
          }
          boolean woken = waiter.await(min(left, answer.check()));
          if (woken || answer.typing() || presence.hasEnded(answer.now().presence())) {
            pace.await(request.session());
            sessionCheck.run();
            answer = answer(request);
          }
        }
        if (immediate || answer.news() || wakeups.isDraining() || end - System.nanoTime() <= 0) {
          trace(request, answer, begun);
          return answer.json();
        }
        joined = answer.joined();
      }
    }
  }

  /** The traces of what is told end here. */
  private void trace(SyncRequest request, Answer answer, Instant begun) {
    if (traced.isEmpty()) {
      return;
    }
    SyncToken since = request.since().orElse(SyncToken.START);
    for (RoomWindow window : answer.told()) {
      int partition = partitions.ofRoom(window.room().value());
      Position after = since.room(partition).log();
      traced.answered(window.room(), after, answer.now().room(partition).log(), begun);
    }
  }

  /** What a token covers, but nothing that is still to come, whatever it says. */
  private void acknowledge(AccountsView.Session session, Position upTo) {
    Position reached = itemsReached(session.user());
    toDevice.acknowledge(session, upTo.isAfter(reached) ? reached : upTo);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Set<String> joinedRooms(UserId user) {
    Set<String> joined = new TreeSet<>();
    for (RoomsView.Membership membership : rooms.roomsOf(user)) {
      if (membership.membership().equals("join")) {
        joined.add(membership.roomId().value());
      }
    }
    return joined;
  }

  private Answer answer(SyncRequest request) {
    UserId user = request.session().user();
    SyncToken since = request.since().orElse(SyncToken.START);
    SyncToken now = now(user, since);
    List<RoomWindow> windows = userRooms.windows(user, since, now);
    SortedMap<Integer, Integer> typing = typingTold(since, windows);

    ObjectNode json = Json.object();
    var messages = toDevice.messages(request.session(), since.toDevice(), now.toDevice());
    var changedData = accountData.changed(user, since.items(), now.items());
    var global = AccountDataProvider.events(changedData, null, request.filter().accountData());
    ObjectNode roomsJson = rooms(request, since, now, windows, changedData, typing);
    var lists =
        request.since().isEmpty()
            ? DeviceListsProvider.DeviceLists.NONE
            : deviceLists.deviceLists(user, windows);

    var present =
        presence.events(
            user,
            since.presence(),
            now.presence(),
            windows,
            lists.changed(),
            request.filter().presence());

    json.put("next_batch", next(since, now, messages.upTo(), windows, typing).encode());
    if (!roomsJson.isEmpty()) {
      json.set("rooms", roomsJson);
    }
    putIfAny(json, "presence", present);
    putIfAny(json, "account_data", global);
    putIfAny(json, "to_device", messages.events());
    if (!lists.isEmpty()) {
      json.set("device_lists", lists.json());
    }
    putKeyCounts(json, request.session());
    boolean news =
        !roomsJson.isEmpty()
            || !present.isEmpty()
            || !global.isEmpty()
            || !messages.events().isEmpty()
            || !lists.isEmpty();
    Set<String> joined = new TreeSet<>();
    for (RoomWindow window : windows) {
      if (window.isJoined()) {
        joined.add(window.room().value());
      }
    }
    JsonNode join = roomsJson.path("join");
    List<RoomWindow> told =
        windows.stream().filter(window -> join.has(window.room().value())).toList();
    return new Answer(json, news, joined, now, told, !typing.isEmpty());
  }

  /** What was told of rooms that the user is still in: nothing follows of the others. */
  private static SortedMap<Integer, Integer> typingTold(SyncToken since, List<RoomWindow> windows) {
    SortedMap<Integer, Integer> told = new TreeMap<>(since.typing());
    Set<Integer> joined = new HashSet<>();
    for (RoomWindow window : windows) {
      if (window.isJoined()) {
        joined.add(TypingProvider.hash(window.room()));
      }
    }
    told.keySet().retainAll(joined);
    return told;
  }

  /**
   * The positions reached, never behind the client's: after a restart, views may be for a moment.
   */
  SyncToken now(UserId user, SyncToken since) {
    SortedMap<Integer, SyncToken.RoomPositions> reached = new TreeMap<>();
    for (int partition = 0; partition < partitions.rooms(); partition++) {
      var positions =
          new SyncToken.RoomPositions(
              rooms.reached(partition),
              ephemeral.typingReached(partition),
              ephemeral.receiptsReached(partition));
      reached.put(partition, positions.max(since.room(partition)));
    }
    int account = partitions.ofAccount(user.value());
    Position items = itemsReached(user);
    return new SyncToken(
        reached,
        SyncToken.max(accounts.reached(account), since.account()),
        SyncToken.max(items, since.items()),
        SyncToken.max(items, since.toDevice()),
        since.typing(),
        presence.now(since.presence()));
  }

  /**
   * The log goes over a command when all its items have come; items themselves are written one by
   * one. They have ordinals of their own, which may be higher than that of the log record.
   */
  private Position itemsReached(UserId user) {
    Position reached = accounts.reached(partitions.ofAccount(user.value()));
    return reached.equals(Position.NONE) ? reached : reached.withOrdinal(Position.ORDINALS_MAX - 1);
  }

  /** The next token: partitions of the user's rooms, and those that the client's token had. */
  private SyncToken next(
      SyncToken since,
      SyncToken now,
      Position toDeviceUpTo,
      List<RoomWindow> windows,
      SortedMap<Integer, Integer> typing) {
    SortedMap<Integer, SyncToken.RoomPositions> kept = new TreeMap<>();
    for (int partition : since.rooms().keySet()) {
      kept.put(partition, now.room(partition));
    }
    for (RoomWindow window : windows) {
      int partition = partitions.ofRoom(window.room().value());
      kept.put(partition, now.room(partition));
    }
    return new SyncToken(kept, now.account(), now.items(), toDeviceUpTo, typing, now.presence());
  }

  private ObjectNode rooms(
      SyncRequest request,
      SyncToken since,
      SyncToken now,
      List<RoomWindow> windows,
      List<AccountItem.AccountData> changedData,
      SortedMap<Integer, Integer> typing) {
    ObjectNode join = Json.object();
    ObjectNode invite = Json.object();
    ObjectNode knock = Json.object();
    ObjectNode leave = Json.object();
    List<AccountItem.AccountData> allData = null;
    for (RoomWindow window : windows) {
      if (!request.filter().matchesRoom(window.room())) {
        continue;
      }
      int partition = partitions.ofRoom(window.room().value());
      List<AccountItem.AccountData> data = changedData;
      boolean joining = window.isNewlyJoined() && since.items().isAfter(Position.NONE);
      if (joining) {
        // Data of a room may be older than the user's coming (back) to it.
        allData =
            allData != null
                ? allData
                : accountData.changed(request.session().user(), Position.NONE, now.items());
        data = allData;
      }
      var context =
          new RoomSections.Context(
              request, since.room(partition), now.room(partition), data, typing);
      String id = window.room().value();
      switch (window.member().membership()) {
        case "join" -> sections.joined(window, context).ifPresent(section -> join.set(id, section));
        case "invite" -> putStripped(invite, "invite_state", window, request);
        case "knock" -> putStripped(knock, "knock_state", window, request);
        default -> {
          if (tellsLeave(window, request)) {
            leave.set(id, sections.left(window, context));
          }
        }
      }
    }
    ObjectNode json = Json.object();
    putIfAny(json, "join", join);
    putIfAny(json, "invite", invite);
    putIfAny(json, "knock", knock);
    putIfAny(json, "leave", leave);
    return json;
  }

  private void putStripped(ObjectNode rooms, String name, RoomWindow window, SyncRequest request) {
    if (window.membershipChanged() || request.fullState()) {
      rooms.putObject(window.room().value()).set(name, invites.stripped(window));
    }
  }

  /** A leave since the token is always told; older ones on request (include_leave). */
  private static boolean tellsLeave(RoomWindow window, SyncRequest request) {
    if (request.since().isPresent() && window.since().isAfter(Position.NONE)) {
      return window.membershipChanged() || (request.fullState() && request.filter().includeLeave());
    }
    return request.since().isPresent() || request.filter().includeLeave();
  }

  private void putKeyCounts(ObjectNode json, AccountsView.Session session) {
    AccountsView.KeyCounts counts = accounts.keyCounts(session.user(), session.device());
    ObjectNode keys = json.putObject("device_one_time_keys_count");
    keys.put("signed_curve25519", 0);
    counts.oneTimeKeys().forEach(keys::put);
    ArrayNode types = json.putArray("device_unused_fallback_key_types");
    counts.unusedFallbackTypes().forEach(types::add);
  }

  private static void putIfAny(ObjectNode json, String name, List<ObjectNode> list) {
    if (!list.isEmpty()) {
      RoomSections.putEvents(json, name, list);
    }
  }

  private static void putIfAny(ObjectNode json, String name, ObjectNode part) {
    if (!part.isEmpty()) {
      json.set(name, part);
    }
  }

  /** The device lists that changed between a token and now, for GET /keys/changes. */
  public ObjectNode keyChanges(UserId user, SyncToken from) {
    SyncToken now = now(user, from);
    return deviceLists.deviceLists(user, userRooms.windows(user, from, now)).json();
  }

  /** The token of this moment, for readers that page back from it. */
  public Optional<SyncToken> current(UserId user) {
    return Optional.of(now(user, SyncToken.START));
  }
}
