package org.headrace.federation.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** {@code GET /make_join} and {@code PUT /send_join} (v2). */
public final class Joins {
  private static final int SERVERS_MAX = 100_000;

  private final FederationClient client;

  /**
   * What send_join answers besides its events.
   *
   * @param event the join event with the signatures that it needs, where the server gives it
   * @param membersOmitted whether member events are missing from the state
   * @param serversInRoom if members are missing: the servers that have some
   */
  public record Answer(
      Optional<ObjectNode> event, boolean membersOmitted, List<ServerName> serversInRoom) {}

  public Joins(FederationClient client) {
    this.client = client;
  }

  /** Asks for a join event's template, for a room of one of these versions. */
  public Template make(Link link, RoomId room, UserId user, Collection<RoomVersion> versions)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/make_join").segment(room).segment(user);
    versions.forEach(version -> target.query("ver", version.id()));
    ObjectNode answer = client.call(FederationRequest.get(link, target), CallLimits.HANDSHAKE);
    return Template.of(answer, user, "join");
  }

  /**
   * Sends the join event. The room's state before it and the auth chain are handed on event by
   * event, in the order in which they come; nothing of them is checked.
   */
  public Answer send(
      Link link, RoomId room, EventId id, ObjectNode event, boolean omitMembers, RoomStateSink sink)
      throws FederationException {
    Target target =
        Target.of("/_matrix/federation/v2/send_join")
            .segment(room)
            .segment(id)
            .query("omit_members", omitMembers);
    return client.call(
        FederationRequest.put(link, target, event),
        CallLimits.STATE,
        (head, body) -> {
          List<JsonNode> joined = new ArrayList<>(1);
          List<JsonNode> omitted = new ArrayList<>(1);
          List<ServerName> servers = new ArrayList<>();
          new ObjectStream()
              .objects("auth_chain", sink::authEvent)
              .objects("state", sink::stateEvent)
              .member("event", joined::add)
              .member("members_omitted", omitted::add)
              .items("servers_in_room", limited(servers))
              .read(body);
          Optional<ObjectNode> own =
              joined.stream()
                  .filter(ObjectNode.class::isInstance)
                  .map(ObjectNode.class::cast)
                  .findFirst();
          return new Answer(
              own, !omitted.isEmpty() && omitted.get(0).asBoolean(), List.copyOf(servers));
        });
  }

  private static Consumer<JsonNode> limited(List<ServerName> servers) {
    return item -> {
      if (servers.size() < SERVERS_MAX) {
        servers.add(Answers.parsed(item, ServerName::new));
      }
    };
  }
}
