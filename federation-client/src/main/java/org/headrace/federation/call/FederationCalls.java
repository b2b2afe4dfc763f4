package org.headrace.federation.call;

import org.headrace.federation.client.FederationClient;

/** All operations, by family. */
public record FederationCalls(
    Transactions transactions,
    Joins joins,
    Knocks knocks,
    Leaves leaves,
    Invites invites,
    History history,
    RoomEvents events,
    Directory directory,
    Devices devices,
    Media media,
    PolicyServers policyServers,
    Servers servers) {

  public static FederationCalls with(FederationClient client) {
    return new FederationCalls(
        new Transactions(client),
        new Joins(client),
        new Knocks(client),
        new Leaves(client),
        new Invites(client),
        new History(client),
        new RoomEvents(client),
        new Directory(client),
        new Devices(client),
        new Media(client),
        new PolicyServers(client),
        new Servers(client));
  }
}
