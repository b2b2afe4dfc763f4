package org.headrace.sender.outbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.tenant.Tenants;

/**
 * Tells other servers who of ours is there: those that share a room with the user now, as the views
 * have it. Of a user they are told every {@link #INTERVAL_MILLIS} at most, the newest alone; again
 * every {@link #REPEAT_MILLIS} while it holds, so that new servers learn of it and old ones do not
 * take it for ended; and once when it has ended, which no record says. While the views do not
 * answer, users wait, and one of them at each look asks again. One thread.
 */
final class PresenceOutbox {
  static final long INTERVAL_MILLIS = 2_000;
  static final long REPEAT_MILLIS = 20 * 60_000;

  /** A renewal may be on its way here. */
  static final long LATE_MILLIS = 10_000;

  private final RoomsView rooms;
  private final Tenants tenants;
  private final KeyValueStore<Bytes, byte[]> store;

  /** The views did not answer since the last look: they are not asked before the next. */
  private boolean viewsAway;

  /**
   * What is known of a user who is, or was just, there.
   *
   * @param toldTs when other servers were last told; 0: never
   * @param waits whether this is still to be told
   */
  record Told(PresenceRecord record, long toldTs, boolean waits) {}

  PresenceOutbox(RoomsView rooms, Tenants tenants, KeyValueStore<Bytes, byte[]> store) {
    this.rooms = rooms;
    this.tenants = tenants;
    this.store = store;
  }

  List<Outbox.Queued> of(PresenceRecord record, long nowTs) {
    if (!tenants.isHosted(record.user().server())) {
      return List.of();
    }
    Bytes key = key(record.user());
    byte[] known = store.get(key);
    if (known == null && record.at(nowTs) != record.presence()) {
      // Read late: nobody was told that it began.
      return List.of();
    }
    Told before = known == null ? null : LogJson.decode(known, Told.class);
    long toldTs = before == null ? 0 : before.toldTs();
    boolean news =
        before == null || before.waits() || !record.renewal() || nowTs - toldTs >= REPEAT_MILLIS;
    if (news && nowTs - toldTs >= INTERVAL_MILLIS) {
      Optional<List<Outbox.Queued>> queued = viewsAway ? Optional.empty() : tell(record, nowTs);
      if (queued.isPresent()) {
        put(key, new Told(record, nowTs, false));
        return queued.get();
      }
    }
    put(key, new Told(record, toldTs, news));
    return List.of();
  }

  /** What time alone brings: what waited, and what has ended. */
  List<Outbox.Queued> at(long nowTs) {
    viewsAway = false;
    List<Outbox.Queued> queued = new ArrayList<>();
    for (Told told : all()) {
      PresenceRecord record = told.record();
      boolean over = record.at(nowTs - LATE_MILLIS) == Presence.OFFLINE;
      boolean ended = over && record.presence() != Presence.OFFLINE;
      if (nowTs - told.toldTs() < INTERVAL_MILLIS) {
        continue;
      }
      if (told.waits() || ended) {
        Optional<List<Outbox.Queued>> one = tell(record, nowTs);
        if (one.isEmpty()) {
          return queued;
        }
        queued.addAll(one.get());
      }
      if (over) {
        store.delete(key(record.user()));
      } else if (told.waits()) {
        put(key(record.user()), new Told(record, nowTs, false));
      }
    }
    return queued;
  }

  private List<Told> all() {
    List<Told> all = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> rows = store.all()) {
      rows.forEachRemaining(row -> all.add(LogJson.decode(row.value, Told.class)));
    }
    return all;
  }

  /** Empty if the views do not answer. */
  private Optional<List<Outbox.Queued>> tell(PresenceRecord record, long nowTs) {
    UserId user = record.user();
    ObjectNode content = Json.object();
    ObjectNode push = content.putArray("push").addObject().put("user_id", user.value());
    push.setAll(record.shown(nowTs));
    QueueRecord.Edu edu = new QueueRecord.Edu("m.presence", content, "presence|" + user);
    List<Outbox.Queued> queued = new ArrayList<>();
    try {
      for (ServerName server : destinations(user)) {
        queued.add(new Outbox.Queued(new QueueKey(user.server(), server), edu));
      }
    } catch (ViewsUnavailableException e) {
      viewsAway = true;
      return Optional.empty();
    }
    return Optional.of(queued);
  }

  private SortedSet<ServerName> destinations(UserId user) {
    SortedSet<ServerName> servers = new TreeSet<>();
    for (RoomsView.Membership row : rooms.roomsOf(user)) {
      if (row.membership().equals("join")) {
        servers.addAll(rooms.servers(row.roomId()));
      }
    }
    servers.removeIf(tenants::isHosted);
    return servers;
  }

  private void put(Bytes key, Told told) {
    store.put(key, LogJson.encode(told));
  }

  private static Bytes key(UserId user) {
    return Bytes.wrap(user.value().getBytes(StandardCharsets.UTF_8));
  }
}
