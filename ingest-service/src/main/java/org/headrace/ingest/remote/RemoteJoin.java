package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.call.Joins;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.ViewWait;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.EventSpool.Spooled;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.JoinEvent;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;

/**
 * Joins rooms through other servers (server-server API, "Joining Rooms"; design D6): servers are
 * asked one after the other; the answer's events go to the room in chunks, auth events first.
 */
@ApplicationScoped
public class RemoteJoin {
  /** Servers that one join asks. */
  public static final int CANDIDATES_MAX = 10;

  /**
   * Templates that a server is asked for while it takes in what it was told, and the first pause.
   */
  private static final int TEMPLATES_MAX = 6;

  private static final Duration TEMPLATE_PAUSE = Duration.ofMillis(50);

  /** Between two questions whether another join of the room has ended; the room notes each. */
  private static final Duration BEGIN_AGAIN = Duration.ofSeconds(5);

  /** How long another join of the room is waited for. */
  private static final Duration PATIENCE =
      Duration.ofMillis(RoomLimits.JOIN_ABANDONED_MILLIS).plusSeconds(30);

  /** Steps of moving a room's state to what a join brought; each moves hundreds of entries. */
  private static final int COMMITS_MAX = 10_000;

  @Inject FederationCalls calls;
  @Inject Handshake handshake;
  @Inject LastWords lastWords;
  @Inject PduChecks checks;
  @Inject RunningJoins joins;
  @Inject Portions portions;
  @Inject RoomPresence presence;
  @Inject Writes writes;

  /**
   * Joins the room through the first of these servers that lets the user; false if the room is held
   * by now, so that it can be joined here. Throws the error that tells most if all refuse.
   *
   * @param content what the member event carries besides its membership
   */
  public boolean join(UserId user, RoomId room, List<ServerName> candidates, ObjectNode content) {
    try (RunningJoins.Turn turn = joins.enter(room, user.server())) {
      if (presence.isHeld(room)) {
        return false;
      }
      Attempts attempts = new Attempts();
      for (ServerName candidate : candidates.stream().limit(CANDIDATES_MAX).toList()) {
        Link link = new Link(user.server(), candidate);
        try {
          joinThrough(link, user, room, content, turn);
          return true;
        } catch (FederationException e) {
          attempts.add(candidate, e);
        }
      }
      throw attempts.isEmpty() ? nobodyToAsk() : attempts.error();
    }
  }

  /**
   * Has a join of a held room authorised by one of these servers, where none of ours can
   * (restricted rooms). Throws as {@link #join}.
   */
  public void joinHeld(UserId user, RoomId room, List<ServerName> candidates, ObjectNode content) {
    Attempts attempts = new Attempts();
    for (ServerName candidate : candidates.stream().limit(CANDIDATES_MAX).toList()) {
      Link link = new Link(user.server(), candidate);
      try {
        Handshake.Filled join = handshake.make(link, Handshake.Kind.JOIN, room, user, content);
        try (EventSpool spool = new EventSpool(join.version(), room)) {
          receive(candidate, send(link, join, spool));
          return;
        }
      } catch (FederationException e) {
        attempts.add(candidate, e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw attempts.isEmpty() ? nobodyToAsk() : attempts.error();
  }

  static MatrixError nobodyToAsk() {
    return MatrixError.notFound("No server is known that is in this room: name one (via)");
  }

  private void joinThrough(
      Link link, UserId user, RoomId room, ObjectNode content, RunningJoins.Turn turn)
      throws FederationException {
    Handshake.Filled join = afterLastWords(link, user, room, content);
    turn.begin(join.version());
    try (EventSpool spool = new EventSpool(join.version(), room)) {
      Pdu signed = send(link, join, spool);
      requireCreate(spool, join.version());
      bring(link.destination(), signed, join.version(), spool);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The join on top of what hosted users did last in the room, if the server takes that in: it may
   * answer a transaction before it has worked on it.
   */
  private Handshake.Filled afterLastWords(Link link, UserId user, RoomId room, ObjectNode content)
      throws FederationException {
    Set<EventId> before = lastWords.tell(link, room);
    Duration pause = TEMPLATE_PAUSE;
    for (int i = 1; ; i++) {
      Handshake.Filled join = handshake.make(link, Handshake.Kind.JOIN, room, user, content);
      if (i == TEMPLATES_MAX || Collections.disjoint(join.event().prevEvents(), before)) {
        return join;
      }
      ViewWait.pause(pause);
      pause = pause.multipliedBy(2);
    }
  }

  /** Sends the event in; its result has what signatures the other server added. */
  private Pdu send(Link link, Handshake.Filled join, EventSpool spool) throws FederationException {
    Pdu event = join.event();
    Joins.Answer answer =
        calls.joins().send(link, event.roomId(), event.id(), event.json(), false, spool);
    if (answer.membersOmitted()) {
      throw Handshake.bad("the state lacks members, though all were asked for");
    }
    Pdu signed =
        answer
            .event()
            .map(answered -> Signed.merged(event.json(), answered.path("signatures")))
            .map(json -> new Pdu(event.id(), event.roomId(), json))
            .orElse(event);
    boolean vouched = Handshake.authorisedVia(signed).isPresent();
    if (vouched
        && checks.signed(new PduChecks.Result.Valid(signed), join.version())
            instanceof PduChecks.Result.Invalid) {
      throw Handshake.bad("the server did not sign the join that it authorises");
    }
    return signed;
  }

  /** A room of another version than the template's would be read wrongly in all its parts. */
  private static void requireCreate(EventSpool spool, RoomVersion version)
      throws FederationException {
    String claimed =
        spool
            .create()
            .map(create -> create.content().path("room_version").asText("1"))
            .orElseThrow(() -> Handshake.bad("the room's state has no create event"));
    if (!claimed.equals(version.id())) {
      throw Handshake.bad("the room is of version " + claimed + ", its template of " + version);
    }
  }

  /**
   * Begins the join, after another one of the room has ended or nobody has worked on it for long
   * (its process may have died); false if the room is held by now.
   */
  private boolean begin(String joinId, Pdu join, RoomVersion version) {
    RoomId room = join.roomId();
    Instant patience = Instant.ofEpochMilli(writes.now()).plus(PATIENCE);
    while (true) {
      Outcome begun =
          writes
              .log()
              .submit(
                  new RoomCommand.BeginJoin(
                      writes.newId(), writes.now(), room, joinId, version.id(), join.json()),
                  CommandLog.WAIT_LONG);
      if (!(begun instanceof Outcome.Failed failed)) {
        return true;
      }
      switch (failed.failure()) {
        case BAD_STATE -> {
          if (ViewWait.until(() -> presence.isHeld(room), CommandLog.WAIT)) {
            return false;
          }
          throw busy(failed);
        }
        case IN_PROGRESS -> {
          if (ViewWait.until(() -> presence.isHeld(room), BEGIN_AGAIN)) {
            return false;
          }
          if (Instant.ofEpochMilli(writes.now()).isAfter(patience)) {
            throw busy(failed);
          }
        }
        default -> {
          ObjectNode unused = Writes.result(begun);
        }
      }
    }
  }

  private static MatrixError busy(Outcome.Failed failed) {
    return new MatrixError(504, "M_UNKNOWN", "The room cannot be joined now: " + failed.message());
  }

  private void bring(ServerName through, Pdu join, RoomVersion version, EventSpool spool) {
    String joinId = writes.newId();
    if (!begin(joinId, join, version)) {
      // Another node has joined the room. Our event is in the room already.
      receive(through, join);
      return;
    }
    bringEvents(joinId, join.roomId(), version, spool);
    for (int i = 0; i < COMMITS_MAX; i++) {
      Outcome outcome =
          writes
              .log()
              .submit(
                  new RoomCommand.CommitJoin(
                      writes.newId(), writes.now(), join.roomId(), joinId, join.json()),
                  CommandLog.WAIT_LONG);
      if (!result(outcome).path("more").asBoolean()) {
        return;
      }
    }
    throw new MatrixError(502, "M_UNKNOWN", "The room's state is larger than this server takes");
  }

  private void bringEvents(String joinId, RoomId room, RoomVersion version, EventSpool spool) {
    portions.give(
        Portions.of(spool.ordered(), Spooled::bytes),
        chunk -> List.of(command(joinId, room, version, chunk, spool)),
        outcome -> {
          ObjectNode unused = result(outcome);
        });
  }

  /** What a step of the join came to; that the rules forbid it is the client's own error. */
  private static ObjectNode result(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed && failed.failure() != Failure.FORBIDDEN) {
      throw new MatrixError(502, "M_UNKNOWN", "The join failed: " + failed.message());
    }
    return Writes.result(outcome);
  }

  private RoomCommand command(
      String joinId, RoomId room, RoomVersion version, List<Spooled> chunk, EventSpool spool)
      throws IOException {
    List<ObjectNode> pdus = new ArrayList<>(chunk.size());
    for (Spooled event : chunk) {
      pdus.add(spool.read(event));
    }
    List<PduChecks.Result> results = checks.checkAll(pdus, version, room);
    List<JoinEvent> events = new ArrayList<>(chunk.size());
    for (int i = 0; i < pdus.size(); i++) {
      boolean valid = results.get(i) instanceof PduChecks.Result.Valid;
      events.add(new JoinEvent(pdus.get(i), valid, chunk.get(i).inState()));
    }
    return new RoomCommand.JoinEvents(writes.newId(), writes.now(), room, joinId, events);
  }

  private void receive(ServerName through, Pdu join) {
    ObjectNode result =
        Writes.result(
            writes
                .log()
                .submit(
                    new RoomCommand.ReceiveEvent(
                        writes.newId(), writes.now(), join.roomId(), through, join.json(), true),
                    CommandLog.WAIT_LONG));
    String verdict = result.path("verdict").asText();
    if (verdict.equals("REJECTED") || verdict.equals("SOFT_FAILED")) {
      throw MatrixError.forbidden("The room's rules do not let you join");
    }
  }
}
