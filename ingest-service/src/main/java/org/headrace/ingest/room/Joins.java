package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.MatrixError;
import org.headrace.http.RoomReach;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.RemoteJoin;
import org.headrace.ingest.remote.RoomPresence;
import org.headrace.log.publish.CommandLog;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.jspecify.annotations.Nullable;

/** A client's join: here if the room is held here, else through other servers. */
@ApplicationScoped
public class Joins {
  @Inject CurrentState current;
  @Inject RoomsView rooms;
  @Inject RoomPresence presence;
  @Inject RemoteJoin remote;
  @Inject RoomReach reach;
  @Inject Writes writes;

  /**
   * Joins the room.
   *
   * @param via servers that the client, or an alias, names
   * @param content what the member event carries besides its membership
   */
  void join(UserId user, RoomId room, List<ServerName> via, ObjectNode content) {
    switch (presence.place(room)) {
      case ELSEWHERE -> joinThroughOthers(user, room, via, content);
      case HERE -> joinHeld(user, room, content);
      case UNKNOWN -> {
        // The room was only guessed to be here; it may have said that it is not.
        if (!reach.isReached(room, user.server()) || !triedHere(user, room, content)) {
          joinThroughOthers(user, room, via, content);
        }
      }
    }
  }

  private void joinThroughOthers(
      UserId user, RoomId room, List<ServerName> via, ObjectNode content) {
    if (!remote.join(user, room, presence.candidates(room, user, via), content)) {
      joinHeld(user, room, content);
    }
  }

  /** Where none of ours that is in it has to do with the user's server, others are. */
  private void joinHeld(UserId user, RoomId room, ObjectNode content) {
    if (reach.isReached(room, user.server())) {
      joinHere(user, room, content);
    } else {
      remote.joinHeld(user, room, presence.others(room), content);
    }
  }

  private void joinHere(UserId user, RoomId room, ObjectNode content) {
    Attempt attempt = attempt(user, room, content);
    if (attempt.outcome() instanceof Outcome.Failed failed) {
      refused(user, room, content, failed, attempt.away());
    }
  }

  /** False if the room is not held here, as the views say that are back by now. */
  private boolean triedHere(UserId user, RoomId room, ObjectNode content) {
    Attempt attempt = attempt(user, room, content);
    if (attempt.outcome() instanceof Outcome.Failed failed) {
      if (failed.failure() == Failure.NOT_FOUND && !presence.isHeld(room)) {
        return false;
      }
      refused(user, room, content, failed, attempt.away());
    }
    return true;
  }

  /**
   * What the room said.
   *
   * @param away why no evidence came with the command, if the views could not be read for it
   */
  private record Attempt(Outcome outcome, @Nullable ViewsUnavailableException away) {}

  private Attempt attempt(UserId user, RoomId room, ObjectNode content) {
    current.requireServerAllowed(room, user);
    List<RoomId> evidence = List.of();
    ViewsUnavailableException away = null;
    try {
      evidence = current.restrictedEvidence(room, user);
    } catch (ViewsUnavailableException e) {
      // Most rooms ask for none, and a refusal is looked at again.
      away = e;
    }
    Outcome outcome =
        writes
            .log()
            .submit(
                new RoomCommand.ChangeMembership(
                    writes.newId(),
                    writes.now(),
                    room,
                    user,
                    user,
                    Action.JOIN,
                    content,
                    evidence,
                    false),
                CommandLog.WAIT);
    if (outcome instanceof Outcome.Done) {
      current.decided(room, user, "join");
    }
    return new Attempt(outcome, away);
  }

  private void refused(
      UserId user,
      RoomId room,
      ObjectNode content,
      Outcome.Failed outcome,
      @Nullable ViewsUnavailableException away) {
    if (outcome.failure() == Failure.NOT_FOUND) {
      // Fails while the views are away: they may know a server to join through.
      boolean unused = presence.isHeld(room);
    }
    if (outcome.failure() == Failure.FORBIDDEN && current.isRestricted(room)) {
      if (away != null) {
        // With the evidence the room might have let the user in.
        throw away;
      }
      List<ServerName> authorisers = authorisers(room);
      if (!authorisers.isEmpty()) {
        askOthers(user, room, authorisers, content, outcome);
        return;
      }
    }
    Writes.result(outcome);
  }

  /** Nobody here may authorise the join of a restricted room, but another server may. */
  private void askOthers(
      UserId user, RoomId room, List<ServerName> authorisers, ObjectNode content, Outcome refused) {
    try {
      remote.joinHeld(user, room, authorisers, content);
    } catch (MatrixError e) {
      if (e.status() >= 500 || e.status() == 404) {
        // They are silent, or know nothing of it: our own refusal says more.
        Writes.result(refused);
      }
      throw e;
    }
  }

  /** Other servers in the room; first those of users who may invite by name. */
  private List<ServerName> authorisers(RoomId room) {
    Set<ServerName> servers = new LinkedHashSet<>();
    RoomVersion version =
        rooms
            .room(room)
            .flatMap(row -> RoomVersion.find(row.roomVersion()))
            .orElse(RoomVersion.DEFAULT);
    List<ServerName> others = presence.others(room);
    PowerLevels levels = PowerLevels.of(version, key -> current.event(room, key));
    List<String> named = new ArrayList<>();
    current
        .event(room, StateKey.CREATE)
        .ifPresent(create -> named.addAll(PowerLevels.creators(version, create)));
    current
        .event(room, StateKey.POWER_LEVELS)
        .map(Pdu::content)
        .ifPresent(content -> content.path("users").fieldNames().forEachRemaining(named::add));
    for (String user : named) {
      if (levels.userLevel(user) >= levels.invite()) {
        try {
          servers.add(new UserId(user).server());
        } catch (InvalidIdException e) {
          // Whoever that is meant to be, they are not in the room.
        }
      }
    }
    servers.retainAll(others);
    servers.addAll(others);
    return List.copyOf(servers);
  }
}
