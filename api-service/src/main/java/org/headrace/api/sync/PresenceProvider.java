package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.api.event.SharedRooms;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.RateLimit;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.jboss.logging.Logger;

/**
 * Who is there (client-server API, "Presence"): what changed since the token, what ended since its
 * time, and who newly shares a room. A /sync says that its user is there, once a minute at most
 * unless that changes.
 */
@Singleton
public class PresenceProvider {
  /** How long a user is there beyond the longest that the /sync may take. */
  static final long GRACE_MILLIS = 90_000;

  /** Less left than this beyond the longest that the /sync may take: it is renewed. */
  static final long RENEWAL_MILLIS = 30_000;

  /** Users who are looked at for one answer; beyond it, who was active last. */
  static final int LOOKED_AT_MAX = 1_000;

  /** Newcomers whose presence is told; of more, it is told when it changes. */
  static final int NEWCOMERS_MAX = 100;

  /** What syncs of a user say at once; then once for each refill. */
  static final int BURST = 10;

  static final Duration REFILL = Duration.ofSeconds(5);

  /** As for other writes: an answer waits that long for its views (design D4). */
  private static final Duration VISIBLE_WAIT = Duration.ofSeconds(1);

  private static final Logger LOG = Logger.getLogger(PresenceProvider.class);

  private final EphemeralView ephemeral;
  private final SharedRooms shared;
  private final CommandLog commands;
  private final Wakeups wakeups;
  private final Partitions partitions;
  private final Clock clock;
  private final boolean enabled;
  private final RateLimit rate;
  private final boolean limited;

  @Inject
  public PresenceProvider(
      EphemeralView ephemeral,
      SharedRooms shared,
      CommandLog commands,
      Wakeups wakeups,
      Partitions partitions,
      Clock clock,
      @ConfigProperty(name = "headrace.presence", defaultValue = "true") boolean enabled,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean limited) {
    this.ephemeral = ephemeral;
    this.shared = shared;
    this.commands = commands;
    this.wakeups = wakeups;
    this.partitions = partitions;
    this.clock = clock;
    this.enabled = enabled;
    this.limited = limited;
    this.rate = new RateLimit(BURST, REFILL, clock::millis);
  }

  /** The client is there, and says as what ({@code set_presence}). */
  void note(SyncRequest request) {
    Presence said = request.setPresence();
    if (!enabled || said == Presence.OFFLINE) {
      return;
    }
    AccountsView.Session session = request.session();
    Optional<PresenceRecord> before = known(session.user());
    long now = clock.millis();
    long longest = now + request.timeout().toMillis();
    Presence held = before.map(record -> record.at(now)).orElse(Presence.OFFLINE);
    boolean enough = held == said && before.orElseThrow().untilTs() >= longest + RENEWAL_MILLIS;
    boolean activeElsewhere =
        said == Presence.UNAVAILABLE
            && held == Presence.ONLINE
            && !session.device().equals(before.orElseThrow().device());
    if (enough || activeElsewhere || (limited && !rate.tryTake(session.user().value()))) {
      return;
    }
    boolean active = said == Presence.ONLINE || before.isEmpty();
    publish(
        PresenceRecord.of(
                session.user(),
                said,
                before.map(PresenceRecord::statusMsg).orElse(null),
                session.device(),
                active ? now : before.orElseThrow().lastActiveTs(),
                longest + GRACE_MILLIS)
            .after(before.orElse(null), now));
  }

  /** A change is to be in the answer; a renewal concerns nobody. */
  private void publish(PresenceRecord record) {
    try (Wakeups.Waiter waiter = wakeups.register(record.user(), Set.of())) {
      commands.publish(record);
      long end = System.nanoTime() + VISIBLE_WAIT.toNanos();
      while (!record.renewal() && !isShown(record)) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        if (!left.isPositive() || !waiter.await(left)) {
          return;
        }
      }
    } catch (NoAnswerException e) {
      // The next sync says it again.
      LOG.debugf("No presence of %s: %s", record.user(), e.getMessage());
    }
  }

  private boolean isShown(PresenceRecord record) {
    Position unused = ephemeral.presenceReached(partitions.ofAccount(record.user().value()));
    return known(record.user()).filter(record::equals).isPresent();
  }

  /** How far presence may be told now. */
  SyncToken.Presences now(SyncToken.Presences since) {
    if (!enabled) {
      return since;
    }
    SortedMap<Integer, Position> reached = new TreeMap<>();
    for (int partition = 0; partition < partitions.accounts(); partition++) {
      Position position =
          SyncToken.max(ephemeral.presenceReached(partition), since.reached(partition));
      if (!position.equals(Position.NONE)) {
        reached.put(partition, position);
      }
    }
    return new SyncToken.Presences(reached, Math.max(clock.millis(), since.seenTs()));
  }

  /** Whether somebody's presence ended since it was last looked at: no record says so. */
  boolean hasEnded(SyncToken.Presences seen) {
    if (!enabled) {
      return false;
    }
    long now = clock.millis();
    for (int partition = 0; partition < partitions.accounts(); partition++) {
      if (!ephemeral.presenceEnded(partition, seen.seenTs(), now).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The m.presence events of the reader and of who shares a room with them, by user. A client that
   * knows of nobody is not told who is offline.
   *
   * @param newcomers who may newly share a room
   */
  List<ObjectNode> events(
      UserId reader,
      SyncToken.Presences since,
      SyncToken.Presences now,
      List<RoomWindow> windows,
      Set<UserId> newcomers,
      EventFilter filter) {
    if (!enabled) {
      return List.of();
    }
    boolean initial = since.equals(SyncToken.Presences.NONE);
    Set<RoomId> joined = new HashSet<>();
    for (RoomWindow window : windows) {
      if (window.isJoined()) {
        joined.add(window.room());
      }
    }
    SortedMap<UserId, ObjectNode> told = new TreeMap<>();
    for (PresenceRecord record : news(since, now)) {
      boolean wanted = !initial || record.at(now.seenTs()) != Presence.OFFLINE;
      if (wanted && (record.user().equals(reader) || shared.isIn(record.user(), joined))) {
        told.put(record.user(), event(record, now.seenTs()));
      }
    }
    if (newcomers.size() <= NEWCOMERS_MAX) {
      for (UserId user : newcomers) {
        if (!user.equals(reader) && !told.containsKey(user)) {
          known(user)
              .filter(record -> record.at(now.seenTs()) != Presence.OFFLINE)
              .ifPresent(record -> told.put(user, event(record, now.seenTs())));
        }
      }
    }
    return told.values().stream().filter(filter::matches).toList();
  }

  private List<PresenceRecord> news(SyncToken.Presences since, SyncToken.Presences now) {
    List<PresenceRecord> news = new ArrayList<>();
    for (int partition = 0; partition < partitions.accounts(); partition++) {
      news.addAll(
          ephemeral.presenceChanged(partition, since.reached(partition), now.reached(partition)));
      if (since.seenTs() > 0) {
        news.addAll(ephemeral.presenceEnded(partition, since.seenTs(), now.seenTs()));
      }
    }
    if (news.size() <= LOOKED_AT_MAX) {
      return news;
    }
    return news.stream()
        .sorted(Comparator.comparing(PresenceRecord::lastActiveTs).reversed())
        .limit(LOOKED_AT_MAX)
        .toList();
  }

  private Optional<PresenceRecord> known(UserId user) {
    return ephemeral.presence(partitions.ofAccount(user.value()), user);
  }

  private static ObjectNode event(PresenceRecord record, long nowTs) {
    ObjectNode event = Json.object();
    event.put("type", "m.presence").put("sender", record.user().value());
    event.set("content", record.shown(nowTs));
    return event;
  }
}
