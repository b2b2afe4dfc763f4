package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.headrace.core.crypto.Hashes;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.KeyPart;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.tenant.Tenants;

/** Sends messages to devices (client-server API, "Send-to-Device messaging"). */
@Path("/")
@RunOnVirtualThread
public class ToDeviceResource {
  private static final String ALL_DEVICES = "*";

  /** The specification allows 32. */
  private static final int MESSAGE_ID_CHARS = 32;

  @Inject Caller caller;
  @Inject FederationPolicy.OfTenants policies;
  @Inject Tenants tenants;
  @Inject Writes writes;

  /** One command for each user: a repeat of the transaction is dropped by each. */
  @PUT
  @Path("/_matrix/client/v3/sendToDevice/{eventType}/{txnId}")
  public Response send(
      @PathParam("eventType") String type, @PathParam("txnId") String txnId, byte[] bytes) {
    AccountsView.Session session = caller.session();
    Sizes.requireName(type, "An event type");
    Sizes.requireName(txnId, "A transaction id");
    JsonBody messages = JsonBody.parse(bytes).requireObject("messages");
    String dedupe =
        Hashes.sha256(
            Stream.of(session.user().value(), session.device().value(), type, txnId)
                .map(KeyPart::escape)
                .collect(Collectors.joining("|")));
    List<Callable<Outcome>> sends = new ArrayList<>();
    for (JsonBody.Member member : messages.members()) {
      UserId user = Ids.user(member.name());
      SortedMap<String, ObjectNode> devices = devices(member.value());
      if (devices.isEmpty()) {
        continue;
      }
      if (policies.allow(session.user().server(), user.server())) {
        sends.add(
            tenants.isHosted(user.server())
                ? () -> send(session, user, type, devices, dedupe)
                : () -> queue(session, user, type, devices, dedupe));
      }
    }
    if (!sends.isEmpty()) {
      for (Outcome outcome : writes.all(sends)) {
        boolean unknownUser =
            outcome instanceof Outcome.Failed failed && failed.failure() == Failure.NOT_FOUND;
        if (!unknownUser) {
          Writes.result(outcome);
        }
      }
    }
    return Replies.empty();
  }

  private Outcome send(
      AccountsView.Session session,
      UserId user,
      String type,
      SortedMap<String, ObjectNode> devices,
      String dedupe) {
    return writes
        .log()
        .submit(
            new AccountCommand.SendToDevice(
                writes.newId(), writes.now(), user, session.user(), type, devices, dedupe),
            CommandLog.WAIT);
  }

  /**
   * For the user's own server: it drops repeats by the message's id, which follows from the
   * client's transaction (server-server API, "Send-to-device messaging").
   */
  private Outcome queue(
      AccountsView.Session session,
      UserId user,
      String type,
      SortedMap<String, ObjectNode> devices,
      String dedupe) {
    ObjectNode content = Json.object();
    content.put("sender", session.user().value());
    content.put("type", type);
    String id = Hashes.sha256(dedupe + "|" + user.value()).substring(0, MESSAGE_ID_CHARS);
    content.put("message_id", id);
    ObjectNode messages = content.putObject("messages").putObject(user.value());
    devices.forEach(messages::set);
    writes
        .log()
        .publish(
            new QueueKey(session.user().server(), user.server()),
            new QueueRecord.Edu("m.direct_to_device", content, null));
    return new Outcome.Done(Json.object());
  }

  private static SortedMap<String, ObjectNode> devices(JsonBody body) {
    Sizes.require(body.json(), Sizes.COMMAND_BYTES_MAX, "The messages to one user");
    SortedMap<String, ObjectNode> devices = new TreeMap<>();
    for (JsonBody.Member device : body.members()) {
      if (!device.name().equals(ALL_DEVICES)) {
        Ids.device(device.name());
      }
      Sizes.require(device.value().json(), Sizes.CONTENT_BYTES_MAX, "A message to a device");
      devices.put(device.name(), device.value().json());
    }
    if (devices.size() > DevicesResource.DEVICES_MAX) {
      throw MatrixError.invalidParam(
          "messages may name " + DevicesResource.DEVICES_MAX + " devices of a user at most");
    }
    return devices;
  }
}
