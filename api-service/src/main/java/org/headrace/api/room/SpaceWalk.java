package org.headrace.api.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.RateLimit;
import org.headrace.projections.view.RoomsView;
import org.jspecify.annotations.Nullable;

/**
 * Walks a space depth first, for one user: rooms that the user's server is in from the views,
 * others as their servers tell them. Loops end where a room is met again. What a server said is
 * what is known where that server is named, and nowhere else: anybody can name one.
 */
@Singleton
class SpaceWalk {
  /** Rooms of one walk, those before the page included. */
  private static final int ROOMS_MAX = 1_000;

  /** Requests to other servers in one walk; what they are not asked is left out. */
  private static final int ASKED_MAX = 20;

  /** Servers that are asked about one room. */
  private static final int ASKED_PER_ROOM_MAX = 3;

  /** Answers of other servers that are kept, and how long. */
  private static final int ANSWERS_KEPT_MAX = 1_000;

  private static final Duration ANSWER_KEPT = Duration.ofMinutes(5);

  /** Requests to other servers that a user causes at once; then one for each refill. */
  static final int BURST = 100;

  private static final Duration REFILL = Duration.ofSeconds(1);

  /** How another server is asked. */
  @FunctionalInterface
  interface OtherServers {
    ObjectNode hierarchy(Link link, RoomId room, boolean suggestedOnly) throws FederationException;
  }

  private record Key(Link link, RoomId room, boolean suggestedOnly) {}

  private record Kept(ObjectNode answer, long untilMillis) {}

  private final SpaceRooms spaces;
  private final FederationPolicy.OfTenants policies;
  private final OtherServers others;
  private final Clock clock;
  private final RateLimit rate;
  private final boolean limited;
  private final Map<Key, Kept> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
          return size() > ANSWERS_KEPT_MAX;
        }
      };

  @Inject
  SpaceWalk(
      SpaceRooms spaces,
      FederationPolicy.OfTenants policies,
      FederationCalls calls,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean limited) {
    this(spaces, policies, calls.directory()::hierarchy, clock, limited);
  }

  SpaceWalk(
      SpaceRooms spaces,
      FederationPolicy.OfTenants policies,
      OtherServers others,
      Clock clock,
      boolean limited) {
    this.spaces = spaces;
    this.policies = policies;
    this.others = others;
    this.clock = clock;
    this.limited = limited;
    this.rate = new RateLimit(BURST, REFILL, clock::millis);
  }

  /** How far a walk goes. */
  record Bounds(boolean suggestedOnly, int maxDepth, int rooms) {}

  private record Next(RoomId room, List<ServerName> via, int depth) {}

  /** The entries in their order; empty if the user may not see the root. */
  List<ObjectNode> walk(RoomId root, UserId user, Bounds bounds) {
    return walk(root, List.of(), user, bounds);
  }

  /** One room, which these servers are asked about if need be; empty if the user may not see it. */
  Optional<ObjectNode> entry(RoomId room, List<ServerName> via, UserId user) {
    return walk(room, via, user, new Bounds(false, 0, 1)).stream().findFirst();
  }

  private List<ObjectNode> walk(RoomId root, List<ServerName> via, UserId user, Bounds bounds) {
    List<ObjectNode> found = new ArrayList<>();
    Deque<Next> stack = new ArrayDeque<>();
    stack.push(new Next(root, via, 0));
    Set<RoomId> met = new HashSet<>();
    Map<RoomId, ObjectNode> told = new HashMap<>();
    int[] asked = {0};
    int limit = Math.min(bounds.rooms(), ROOMS_MAX);
    while (!stack.isEmpty() && found.size() < limit) {
      Next next = stack.pop();
      if (!met.add(next.room())) {
        continue;
      }
      ObjectNode entry = entry(next, user, bounds.suggestedOnly(), told, asked);
      if (entry == null || !spaces.isShownTo(entry, next.room(), user)) {
        continue;
      }
      found.add(entry);
      if (next.depth() < bounds.maxDepth()) {
        List<Next> children = new ArrayList<>();
        for (JsonNode child : entry.path("children_state")) {
          if (child instanceof ObjectNode stripped
              && children.size() < RoomSummaries.CHILDREN_MAX) {
            RoomSummaries.child(stripped)
                .filter(valid -> !bounds.suggestedOnly() || valid.suggested())
                .ifPresent(
                    valid -> children.add(new Next(valid.room(), valid.via(), next.depth() + 1)));
          }
        }
        children.reversed().forEach(stack::push);
      }
    }
    return found;
  }

  private @Nullable ObjectNode entry(
      Next next, UserId user, boolean suggestedOnly, Map<RoomId, ObjectNode> told, int[] asked) {
    Optional<RoomsView.Room> own = spaces.ofTenant(next.room(), user.server());
    if (own.isPresent()) {
      return spaces.entry(own.get(), suggestedOnly);
    }
    ObjectNode known = told.get(next.room());
    boolean whole =
        known != null
            && (known.has("children_state") || !known.path("room_type").asText().equals("m.space"));
    if (known != null && whole) {
      return withChildren(known);
    }
    ObjectNode answer = ask(next, user, suggestedOnly, asked);
    if (answer == null) {
      return known == null ? null : withChildren(known);
    }
    for (JsonNode child : answer.path("children")) {
      if (child instanceof ObjectNode summary) {
        roomId(summary).ifPresent(id -> told.putIfAbsent(id, summary));
      }
    }
    return answer.path("room") instanceof ObjectNode room
            && roomId(room).filter(next.room()::equals).isPresent()
        ? withChildren(room)
        : null;
  }

  private static Optional<RoomId> roomId(ObjectNode summary) {
    String id = summary.path("room_id").asText();
    return id.startsWith("!") && id.length() > 1 && id.length() <= 255
        ? Optional.of(new RoomId(id))
        : Optional.empty();
  }

  private static ObjectNode withChildren(ObjectNode told) {
    if (told.path("children_state").isArray()) {
      return told;
    }
    ObjectNode entry = Json.object();
    entry.setAll(told);
    entry.putArray("children_state");
    return entry;
  }

  private @Nullable ObjectNode ask(Next next, UserId user, boolean suggestedOnly, int[] asked) {
    for (ServerName server : next.via().stream().limit(ASKED_PER_ROOM_MAX).toList()) {
      // Two tenants are as if they were far from each other (design D9).
      Optional<ObjectNode> answer =
          policies.reachesHere(user.server(), server)
              ? spaces.forServer(next.room(), user.server(), server, suggestedOnly)
              : askOther(
                  new Key(new Link(user.server(), server), next.room(), suggestedOnly),
                  user,
                  asked);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    return null;
  }

  private Optional<ObjectNode> askOther(Key key, UserId user, int[] asked) {
    synchronized (kept) {
      Kept answer = kept.get(key);
      if (answer != null && clock.millis() < answer.untilMillis()) {
        return Optional.of(answer.answer());
      }
    }
    if (asked[0]++ >= ASKED_MAX) {
      return Optional.empty();
    }
    if (limited) {
      rate.take(user.value());
    }
    ObjectNode answer;
    try {
      answer = others.hierarchy(key.link(), key.room(), key.suggestedOnly());
    } catch (FederationException e) {
      // The next one may know.
      return Optional.empty();
    }
    synchronized (kept) {
      kept.put(key, new Kept(answer, clock.millis() + ANSWER_KEPT.toMillis()));
    }
    return Optional.of(answer);
  }
}
