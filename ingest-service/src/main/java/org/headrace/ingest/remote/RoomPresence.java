package org.headrace.ingest.remote;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.TimelineView;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.tenant.Tenants;

/** Which servers are in a room, or may be, as far as the views tell. */
@ApplicationScoped
public class RoomPresence {
  @Inject RoomsView rooms;
  @Inject TimelineView timeline;
  @Inject Tenants tenants;
  @Inject FederationPolicy.OfTenants policies;

  /** Whether the room is decided here: a user of a hosted server is joined, or nobody at all. */
  public boolean isHeld(RoomId room) {
    SortedSet<ServerName> servers = rooms.servers(room);
    return servers.isEmpty()
        ? rooms.room(room).isPresent()
        : servers.stream().anyMatch(tenants::isHosted);
  }

  /** Where a room is decided, as far as can be told now. */
  public enum Place {
    HERE,
    ELSEWHERE,
    /** The views are away; the room itself knows. */
    UNKNOWN
  }

  /**
   * As {@link #isHeld}, but never fails. Where it is unknown, the room is to be asked: it refuses
   * users' own membership changes with NOT_FOUND if it is not held, and then {@link #isHeld} says
   * whether other servers are to be asked, or fails, since the views would know them.
   */
  public Place place(RoomId room) {
    try {
      return isHeld(room) ? Place.HERE : Place.ELSEWHERE;
    } catch (ViewsUnavailableException e) {
      return Place.UNKNOWN;
    }
  }

  public boolean isHosted(ServerName server) {
    return tenants.isHosted(server);
  }

  /** The other servers of a room. */
  public List<ServerName> others(RoomId room) {
    return rooms.servers(room).stream().filter(server -> !tenants.isHosted(server)).toList();
  }

  /** The hosted servers that are in the room, any of which may speak for it. */
  public List<ServerName> speakers(RoomId room) {
    return rooms.servers(room).stream().filter(tenants::isHosted).toList();
  }

  /** The first of these that federates with the other server. */
  public Optional<ServerName> speaker(List<ServerName> speakers, ServerName to) {
    return speakers.stream().filter(tenant -> policies.of(tenant).allows(to)).findFirst();
  }

  /**
   * Servers to ask about a room, the likeliest first: those that are named, the one that the user's
   * invite came from, those that told of the room, those that were in it when it was held.
   */
  public List<ServerName> candidates(RoomId room, UserId user, List<ServerName> named) {
    Set<ServerName> candidates = new LinkedHashSet<>(named);
    rooms
        .membership(room, user)
        .flatMap(row -> timeline.event(room, row.eventId()))
        .ifPresent(row -> candidates.addAll(namedBy(row)));
    candidates.addAll(rooms.servers(room));
    return candidates.stream().filter(server -> !tenants.isHosted(server)).toList();
  }

  /** The servers of the sender of a member event and of the senders of the state told with it. */
  private static List<ServerName> namedBy(EventRow member) {
    List<ServerName> servers = new ArrayList<>();
    serverOf(member.pdu().path("sender").asText()).ifPresent(servers::add);
    for (String kind : List.of("invite_room_state", "knock_room_state")) {
      for (var entry : member.pdu().path("unsigned").path(kind)) {
        serverOf(entry.path("sender").asText()).ifPresent(servers::add);
      }
    }
    return servers;
  }

  private static Optional<ServerName> serverOf(String user) {
    try {
      return Optional.of(new UserId(user).server());
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }
}
