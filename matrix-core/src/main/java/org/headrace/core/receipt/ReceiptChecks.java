package org.headrace.core.receipt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.headrace.core.auth.AuthEvent;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.ServerName;
import org.headrace.core.receipt.ReceiptRule.Against;
import org.headrace.core.receipt.ReceiptRule.Consent;
import org.headrace.core.receipt.ReceiptRule.Limit;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.headrace.core.stateres.TreeResolution;
import org.jspecify.annotations.Nullable;

/**
 * Checks 4 to 7, on an event whose form is right ({@link ReceivedForm}) and whose prev and auth
 * events are decided.
 */
public final class ReceiptChecks {
  private final RoomVersion version;
  private final RoomEvents events;
  private final StateTree tree;
  private final TreeResolution resolution;
  private final ReceiptLimits limits;
  private final PolicyCheck policy;

  public ReceiptChecks(
      RoomVersion version,
      RoomEvents events,
      StateTree tree,
      TreeResolution resolution,
      ReceiptLimits limits,
      PolicyCheck policy) {
    this.version = version;
    this.events = events;
    this.tree = tree;
    this.resolution = resolution;
    this.limits = limits;
    this.policy = policy;
  }

  /**
   * Root of the state before the event: the states after its prev events, resolved.
   *
   * @param current null for the event that begins the room
   */
  public String stateBefore(@Nullable CurrentState current, Pdu pdu) {
    List<EventId> prevEvents = pdu.prevEvents();
    if (current != null
        && !prevEvents.isEmpty()
        && new TreeSet<>(current.extremities()).equals(new TreeSet<>(prevEvents))) {
      return current.root();
    }
    return resolution.resolve(prevEvents.stream().map(events::rootAfter).toList());
  }

  /**
   * The verdict.
   *
   * @param before root of the state before the event
   * @param signedBy whether the event holds a valid signature of this server, so far as it is known
   */
  public ReceiptResult check(
      @Nullable CurrentState current, Pdu pdu, String before, Predicate<ServerName> signedBy) {
    if (current != null
        && limits.stateChangesMax() < Integer.MAX_VALUE
        && tree.diff(current.root(), before).size() > limits.stateChangesMax()) {
      return new ReceiptResult.Rejected(
          Limit.STATE_CHANGES_MAX, "the state before it is too far from the room's");
    }
    ReceiptResult result = checkPast(pdu, before, Set.of(), signedBy);
    return current == null || result.isRejected()
        ? result
        : checkCurrent(current, pdu, before, evidence(pdu, signedBy));
  }

  /**
   * Checks 4 and 5, which do not depend on when the event comes.
   *
   * @param rejected events that are about to be rejected, though they are not known as such
   */
  public ReceiptResult checkPast(
      Pdu pdu, String before, Set<EventId> rejected, Predicate<ServerName> signedBy) {
    ReceiptResult result = checkAuthEvents(pdu, rejected, signedBy);
    if (result.isRejected()) {
      return result;
    }
    // 5. Passes authorisation rules based on the state before the event, otherwise it is rejected.
    return AuthRules.checkAgainst(version, pdu, evidence(pdu, signedBy), lookup(before))
            instanceof AuthResult.Denied denied
        ? new ReceiptResult.Rejected(rule(Against.STATE_BEFORE, denied), denied.reason())
        : ReceiptResult.ACCEPTED;
  }

  /** Check 4 alone, which is all that an event passes whose history is not known. */
  public ReceiptResult checkAuthEvents(
      Pdu pdu, Set<EventId> rejected, Predicate<ServerName> signedBy) {
    // 4. Passes authorisation rules based on the event's auth events, otherwise it is rejected.
    List<AuthEvent> authEvents = new ArrayList<>();
    for (EventId id : pdu.authEvents()) {
      authEvents.add(
          new AuthEvent(events.event(id), events.isRejected(id) || rejected.contains(id)));
    }
    AuthEvidence evidence = evidence(pdu, signedBy);
    AuthResult result = AuthRules.checkAuthEvents(version, pdu, authEvents, evidence);
    if (result.isAllowed()) {
      result = AuthRules.checkAgainst(version, pdu, evidence, StateLookup.of(authState(pdu)));
    }
    return result instanceof AuthResult.Denied denied
        ? new ReceiptResult.Rejected(rule(Against.AUTH_EVENTS, denied), denied.reason())
        : ReceiptResult.ACCEPTED;
  }

  private ReceiptResult checkCurrent(
      CurrentState current, Pdu pdu, String before, AuthEvidence evidence) {
    // 6. Passes authorisation rules based on the current state of the room, else "soft failed".
    // Against the state before it, it has passed already.
    StateLookup state = lookup(current.root());
    if (!current.root().equals(before)
        && AuthRules.checkAgainst(version, pdu, evidence, state)
            instanceof AuthResult.Denied denied) {
      return new ReceiptResult.SoftFailed(rule(Against.CURRENT_STATE, denied), denied.reason());
    }
    // 7. Is validated by the policy server, if the room is using one, else "soft failed".
    if (!policy.lets(pdu, state)) {
      return new ReceiptResult.SoftFailed(
          Consent.POLICY_SERVER_SIGNATURE, "the room's policy server has not signed it");
    }
    SortedSet<EventId> superseded = Extremities.superseded(pdu, events);
    long kept = current.extremities().stream().filter(tip -> !superseded.contains(tip)).count();
    return kept + 1 > limits.extremitiesMax() && kept + 1 > current.extremities().size()
        ? new ReceiptResult.SoftFailed(
            Limit.EXTREMITIES_MAX, "the room has too many forward extremities")
        : ReceiptResult.ACCEPTED;
  }

  private static ReceiptRule rule(Against against, AuthResult.Denied denied) {
    return new ReceiptRule.Auth(against, denied.rule());
  }

  private AuthEvidence evidence(Pdu pdu, Predicate<ServerName> signedBy) {
    return new AuthEvidence(create(pdu), signedBy);
  }

  /** The state that the event's own auth events make. */
  private TreeMap<StateKey, Pdu> authState(Pdu pdu) {
    TreeMap<StateKey, Pdu> authState = new TreeMap<>();
    for (EventId id : pdu.authEvents()) {
      Pdu event = events.event(id);
      event.stateKey().ifPresent(key -> authState.put(new StateKey(event.type(), key), event));
    }
    return authState;
  }

  private StateLookup lookup(String root) {
    return key -> tree.get(root, key).map(events::event);
  }

  /** The room's create event: from version 12 its id is the room's. */
  private Optional<Pdu> create(Pdu pdu) {
    if (!version.auth().createFromRoomId()) {
      return Optional.ofNullable(authState(pdu).get(StateKey.CREATE));
    }
    EventId id = new EventId("$" + pdu.roomId().value().substring(1));
    return events.isKnown(id) && !events.isRejected(id)
        ? Optional.of(events.event(id))
        : Optional.empty();
  }
}
