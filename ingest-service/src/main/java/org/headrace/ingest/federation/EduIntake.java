package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Peer;
import org.headrace.ingest.account.DevicesResource;
import org.headrace.ingest.client.Presences;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.room.CurrentState;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.KeyPart;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;
import org.jspecify.annotations.Nullable;

/**
 * The EDUs of one transaction (server-server API, "EDUs"). Each is about a user of the server that
 * sends it, or is ignored; so is what has another form, or no meaning here.
 */
@ApplicationScoped
public class EduIntake {
  /** How long a user of another server is shown typing, unless it says that they stopped. */
  static final long TYPING_MILLIS = 30_000;

  /** Receipts of one transaction that are taken. */
  static final int RECEIPTS_MAX = 1_000;

  /** Users of one to-device EDU. */
  static final int TO_DEVICE_USERS_MAX = 1_000;

  /** Rooms of one transaction that are told of changed device lists. */
  static final int ECHOES_MAX = 5_000;

  /** Presences of one transaction that are looked at. */
  static final int PRESENCES_MAX = 500;

  /** How long a presence holds unless it is told again, as servers do every 25 minutes. */
  static final long PRESENCE_MILLIS = 35 * 60_000;

  private static final String READ = "m.read";

  @Inject HeldRooms held;
  @Inject CurrentState current;
  @Inject RoomsView rooms;
  @Inject AccountsView accounts;
  @Inject RecentDeviceLists deviceLists;
  @Inject Presences presences;
  @Inject Writes writes;

  void take(Peer peer, List<JsonNode> edus) {
    List<ReceiptRecord> receipts = new ArrayList<>();
    Map<UserId, JsonNode> present = new LinkedHashMap<>();
    Set<UserId> changedDevices = new LinkedHashSet<>();
    for (JsonNode edu : edus) {
      JsonNode content = edu.path("content");
      switch (edu.path("edu_type").asText()) {
        case "m.typing" -> typing(peer, content);
        case "m.receipt" -> receipts(peer, content, receipts);
        case "m.presence" -> presences(peer, content, present);
        case "m.direct_to_device" -> toDevice(peer, content);
        case "m.device_list_update", "m.signing_key_update" ->
            user(content.path("user_id"))
                .filter(user -> user.server().equals(peer.origin()))
                .filter(user -> deviceLists.isNew(user, edu))
                .ifPresent(changedDevices::add);
        default -> {}
      }
    }
    writes.each(receipts, writes.log()::publish);
    writes.each(presences(peer, present), presences::publish);
    echoDevices(peer, changedDevices);
  }

  private void typing(Peer peer, JsonNode content) {
    Optional<RoomId> room = room(content.path("room_id").asText());
    Optional<UserId> user = user(content.path("user_id"));
    if (room.isPresent() && user.isPresent() && mayAct(peer, room.get(), user.get())) {
      long until = content.path("typing").asBoolean() ? writes.now() + TYPING_MILLIS : 0;
      writes.log().publish(new TypingRecord(room.get(), user.get(), until));
    }
  }

  private void receipts(Peer peer, JsonNode content, List<ReceiptRecord> receipts) {
    for (Map.Entry<String, JsonNode> ofRoom : content.properties()) {
      Optional<RoomId> room = room(ofRoom.getKey());
      if (room.isEmpty() || !isOpen(peer, room.get())) {
        continue;
      }
      for (Map.Entry<String, JsonNode> ofUser : ofRoom.getValue().path(READ).properties()) {
        if (receipts.size() >= RECEIPTS_MAX) {
          return;
        }
        user(ofUser.getKey())
            .filter(user -> isJoined(peer, room.get(), user))
            .flatMap(user -> receipt(room.get(), user, ofUser.getValue()))
            .ifPresent(receipts::add);
      }
    }
  }

  private Optional<ReceiptRecord> receipt(RoomId room, UserId user, JsonNode receipt) {
    JsonNode thread = receipt.path("data").path("thread_id");
    boolean threadTooLong =
        thread.isTextual()
            && thread.textValue().getBytes(StandardCharsets.UTF_8).length > Sizes.NAME_BYTES_MAX;
    try {
      EventId event = new EventId(receipt.path("event_ids").path(0).asText());
      long ts = Math.clamp(receipt.path("data").path("ts").asLong(), 0, writes.now());
      return threadTooLong
          ? Optional.empty()
          : Optional.of(
              new ReceiptRecord(
                  room, user, READ, thread.isTextual() ? thread.textValue() : null, event, ts));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  /** The newest of each user of the origin. */
  private void presences(Peer peer, JsonNode content, Map<UserId, JsonNode> present) {
    if (!presences.isEnabled()) {
      return;
    }
    for (JsonNode push : content.path("push")) {
      Optional<UserId> user =
          user(push.path("user_id")).filter(who -> who.server().equals(peer.origin()));
      if (user.isPresent() && (present.size() < PRESENCES_MAX || present.containsKey(user.get()))) {
        present.put(user.get(), push);
      }
    }
  }

  /** Of users who share a room with the tenant; nobody here sees the others. */
  private List<PresenceRecord> presences(Peer peer, Map<UserId, JsonNode> present) {
    List<PresenceRecord> records = new ArrayList<>();
    present.forEach(
        (user, push) ->
            Presence.of(push.path("presence").asText())
                .filter(presence -> sharesRoom(peer, user))
                .map(presence -> presence(user, presence, push))
                .ifPresent(records::add));
    return records;
  }

  private PresenceRecord presence(UserId user, Presence presence, JsonNode push) {
    JsonNode status = push.path("status_msg");
    boolean shown =
        status.isTextual()
            && status.textValue().getBytes(StandardCharsets.UTF_8).length
                <= PresenceRecord.STATUS_BYTES_MAX;
    long now = writes.now();
    long active = now - Math.clamp(push.path("last_active_ago").asLong(), 0, now);
    return PresenceRecord.of(
        user,
        presence,
        shown ? status.textValue() : null,
        null,
        active,
        presence == Presence.OFFLINE ? 0 : now + PRESENCE_MILLIS);
  }

  private boolean sharesRoom(Peer peer, UserId user) {
    return rooms.roomsOf(user).stream()
        .anyMatch(
            row -> row.membership().equals("join") && rooms.isJoined(row.roomId(), peer.tenant()));
  }

  private void toDevice(Peer peer, JsonNode content) {
    Optional<UserId> sender = user(content.path("sender"));
    String type = content.path("type").asText();
    String messageId = content.path("message_id").asText();
    if (sender.isEmpty()
        || !sender.get().server().equals(peer.origin())
        || !isName(type)
        || !isName(messageId)
        || content.path("messages").size() > TO_DEVICE_USERS_MAX) {
      return;
    }
    String dedupe = KeyPart.escape(peer.origin().value()) + "|" + KeyPart.escape(messageId);
    for (Map.Entry<String, JsonNode> ofUser : content.path("messages").properties()) {
      Optional<UserId> user = user(ofUser.getKey()).filter(target -> isOurs(peer, target));
      SortedMap<String, ObjectNode> devices = devices(ofUser.getValue());
      if (user.isPresent() && !devices.isEmpty()) {
        writes
            .log()
            .publish(
                new AccountCommand.SendToDevice(
                    writes.newId(), writes.now(), user.get(), sender.get(), type, devices, dedupe));
      }
    }
  }

  private boolean isOurs(Peer peer, UserId user) {
    return user.server().equals(peer.tenant()) && accounts.account(user).isPresent();
  }

  private static SortedMap<String, ObjectNode> devices(JsonNode messages) {
    SortedMap<String, ObjectNode> devices = new TreeMap<>();
    int bytes = 0;
    for (Map.Entry<String, JsonNode> device : messages.properties()) {
      if (device.getValue() instanceof ObjectNode message && isName(device.getKey())) {
        bytes += Json.bytes(message).length;
        if (bytes > Sizes.COMMAND_BYTES_MAX || devices.size() >= DevicesResource.DEVICES_MAX) {
          break;
        }
        devices.put(device.getKey(), message);
      }
    }
    return devices;
  }

  /** Those who share a room with the user learn from it that they must ask for the devices. */
  private void echoDevices(Peer peer, Set<UserId> users) {
    List<RoomCommand> echoes = new ArrayList<>();
    for (UserId user : users) {
      for (RoomsView.Membership row : rooms.roomsOf(user)) {
        if (echoes.size() < ECHOES_MAX
            && row.membership().equals("join")
            && rooms.isJoined(row.roomId(), peer.tenant())) {
          echoes.add(
              new RoomCommand.EchoDevices(
                  writes.newId(), writes.now(), row.roomId(), user, List.of()));
        }
      }
    }
    if (!echoes.isEmpty()) {
      writes.log().publish(echoes);
    }
  }

  private boolean mayAct(Peer peer, RoomId room, UserId user) {
    return isJoined(peer, room, user) && isOpen(peer, room);
  }

  private boolean isJoined(Peer peer, RoomId room, UserId user) {
    return user.server().equals(peer.origin()) && current.isJoined(room, user);
  }

  /** Whether the tenant is in the room, and the room's ACL allows the sender's server. */
  private boolean isOpen(Peer peer, RoomId room) {
    return rooms.isJoined(room, peer.tenant()) && held.isAllowed(room, peer.origin());
  }

  private static boolean isName(String value) {
    return !value.isEmpty()
        && value.getBytes(StandardCharsets.UTF_8).length <= Sizes.NAME_BYTES_MAX;
  }

  private static Optional<UserId> user(@Nullable JsonNode node) {
    return node == null || !node.isTextual() ? Optional.empty() : user(node.textValue());
  }

  private static Optional<UserId> user(String id) {
    try {
      return Optional.of(new UserId(id));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  private static Optional<RoomId> room(String id) {
    try {
      return Optional.of(new RoomId(id));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }
}
