package org.headrace.federation.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** Aliases, profiles, public rooms, spaces. */
public final class Directory {
  private static final int SERVERS_MAX = 1_000;

  private final FederationClient client;

  /** The room of an alias, and servers that are likely to be in it. */
  public record Aliased(RoomId room, List<ServerName> servers) {}

  public Directory(FederationClient client) {
    this.client = client;
  }

  /** {@code GET /query/directory}. */
  public Aliased alias(Link link, RoomAlias alias) throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/query/directory").query("room_alias", alias);
    ObjectNode answer = client.call(FederationRequest.get(link, target), CallLimits.QUERY);
    List<ServerName> servers = new ArrayList<>();
    for (JsonNode server : answer.path("servers")) {
      try {
        if (servers.size() < SERVERS_MAX) {
          servers.add(new ServerName(server.asText()));
        }
      } catch (InvalidIdException e) {
        // Cannot be asked, then.
      }
    }
    return new Aliased(Answers.id(answer, "room_id", RoomId::new), List.copyOf(servers));
  }

  /**
   * {@code GET /query/profile}.
   *
   * @param field the one field that is wanted; none for all
   */
  public ObjectNode profile(Link link, UserId user, Optional<String> field)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/query/profile").query("user_id", user);
    field.ifPresent(name -> target.query("field", name));
    return client.call(FederationRequest.get(link, target), CallLimits.QUERY);
  }

  /**
   * {@code POST /publicRooms}.
   *
   * @param query {@code limit}, {@code since}, {@code filter} and so on, as a client sends them
   */
  public ObjectNode publicRooms(Link link, ObjectNode query) throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/publicRooms");
    return client.call(FederationRequest.post(link, target, query), CallLimits.QUERY);
  }

  /** {@code GET /hierarchy}: a space and its children, {@code {room, children, …}}. */
  public ObjectNode hierarchy(Link link, RoomId room, boolean suggestedOnly)
      throws FederationException {
    Target target =
        Target.of("/_matrix/federation/v1/hierarchy")
            .segment(room)
            .query("suggested_only", suggestedOnly);
    return client.call(FederationRequest.get(link, target), CallLimits.QUERY);
  }
}
