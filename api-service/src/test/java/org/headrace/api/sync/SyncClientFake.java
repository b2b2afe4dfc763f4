package org.headrace.api.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.api.event.SharedRooms;
import org.headrace.api.world.World;
import org.headrace.core.filter.SyncFilter;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.log.ticks.TracedNews;
import org.headrace.schema.record.Presence;

/** A client of one user's device: it keeps its token from sync to sync. */
final class SyncClientFake {
  private final World world;
  private final UserId user;
  private final SyncEngine engine;
  private String token = "";
  private Presence presence = Presence.OFFLINE;
  private volatile Runnable sessionCheck = () -> {};

  SyncClientFake(World world, UserId user) {
    this(world, user, true);
  }

  /** Where presence is on, or off. */
  SyncClientFake(World world, UserId user, boolean presence) {
    this.world = world;
    this.user = user;
    this.engine = engine(world, presence);
  }

  /** Whose views are read at a pace. */
  SyncClientFake(World world, UserId user, SyncPace pace) {
    this.world = world;
    this.user = user;
    this.engine = engine(world, true, pace);
  }

  /** What it says with each sync from now on; nothing before. */
  SyncClientFake says(Presence said) {
    presence = said;
    return this;
  }

  static SyncEngine engine(World world) {
    return engine(world, true);
  }

  static SyncEngine engine(World world, boolean presence) {
    return engine(world, presence, new SyncPace(world.clock));
  }

  private static SyncEngine engine(World world, boolean presence, SyncPace pace) {
    var views = world.views;
    var sections =
        new RoomSections(
            new RoomTimelineProvider(
                views.rooms(), views.timeline(), world.pages, world.visibility),
            new StateProvider(views.state(), views.timeline()),
            new SummaryProvider(views.rooms(), views.state(), views.timeline()),
            new ReceiptsProvider(views.ephemeral()),
            new TypingProvider(views.ephemeral(), world.clock),
            world.access,
            world.events);
    return new SyncEngine(
        views.rooms(),
        views.accounts(),
        views.ephemeral(),
        world.wakeups,
        world.partitions,
        new UserRooms(views.rooms(), views.state(), world.partitions),
        sections,
        new InviteProvider(views.state(), views.timeline(), world.events),
        new AccountDataProvider(views.accounts()),
        new ToDeviceProvider(views.accounts(), world.commands, world.clock),
        new DeviceListsProvider(views.rooms(), views.state(), views.timeline(), world.values),
        new PresenceProvider(
            views.ephemeral(),
            new SharedRooms(views.rooms()),
            world.commands,
            world.wakeups,
            world.partitions,
            world.clock,
            presence,
            true),
        pace,
        TracedNews.NONE,
        world.clock);
  }

  ObjectNode sync() {
    return sync("{}", false, Duration.ZERO);
  }

  ObjectNode sync(String filter) {
    return sync(filter, false, Duration.ZERO);
  }

  ObjectNode wait(Duration timeout) {
    return sync("{}", false, timeout);
  }

  ObjectNode sync(String filter, boolean stateAfter, Duration timeout) {
    Optional<SyncToken> since = token.isEmpty() ? Optional.empty() : SyncToken.decode(token);
    ObjectNode answer =
        engine.sync(
            new SyncRequest(
                World.session(user),
                since,
                SyncFilter.parse(Json.parseObject(filter.getBytes())),
                false,
                stateAfter,
                timeout,
                presence),
            () -> sessionCheck.run());
    token = answer.path("next_batch").asText();
    return answer;
  }

  ObjectNode fullState() {
    ObjectNode answer =
        engine.sync(
            new SyncRequest(
                World.session(user),
                SyncToken.decode(token),
                SyncFilter.ALL,
                true,
                false,
                Duration.ZERO,
                presence),
            () -> sessionCheck.run());
    token = answer.path("next_batch").asText();
    return answer;
  }

  /** The device is logged out: its session's check throws this. */
  void logOut(RuntimeException thrown) {
    sessionCheck =
        () -> {
          throw thrown;
        };
  }

  String token() {
    return token;
  }

  /** Forgets all, as a client that starts anew. */
  void restart() {
    token = "";
  }

  /** Goes back to an earlier token, as a client whose answer was lost. */
  void resume(String earlier) {
    token = earlier;
  }

  static JsonNode joined(JsonNode answer, RoomId room) {
    return answer.path("rooms").path("join").path(room.value());
  }

  static List<String> ids(JsonNode events) {
    List<String> ids = new ArrayList<>();
    events.forEach(event -> ids.add(event.path("event_id").asText()));
    return ids;
  }

  /** {@code type|state_key} of each event. */
  static List<String> keys(JsonNode events) {
    List<String> keys = new ArrayList<>();
    events.forEach(
        event -> keys.add(event.path("type").asText() + "|" + event.path("state_key").asText()));
    return keys;
  }
}
