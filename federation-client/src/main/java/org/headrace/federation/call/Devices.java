package org.headrace.federation.call;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** Devices and keys of another server's users. */
public final class Devices {
  private final FederationClient client;

  public Devices(FederationClient client) {
    this.client = client;
  }

  /** {@code GET /user/devices}: {@code {user_id, stream_id, devices, master_key, …}}. */
  public ObjectNode ofUser(Link link, UserId user) throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/user/devices").segment(user);
    return client.call(FederationRequest.get(link, target), CallLimits.QUERY);
  }

  /**
   * {@code POST /user/keys/claim}.
   *
   * @param wanted {@code {user: {device: algorithm}}}
   * @return {@code {one_time_keys: {user: {device: {key id: key}}}}}
   */
  public ObjectNode claim(Link link, ObjectNode wanted) throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/user/keys/claim");
    ObjectNode body = Json.object().set("one_time_keys", wanted);
    return client.call(FederationRequest.post(link, target, body), CallLimits.QUERY);
  }

  /**
   * {@code POST /user/keys/query}.
   *
   * @param wanted {@code {user: [device]}}, an empty list for all
   * @return {@code {device_keys, master_keys, self_signing_keys}}
   */
  public ObjectNode query(Link link, ObjectNode wanted) throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/user/keys/query");
    ObjectNode body = Json.object().set("device_keys", wanted);
    return client.call(FederationRequest.post(link, target, body), CallLimits.QUERY);
  }
}
