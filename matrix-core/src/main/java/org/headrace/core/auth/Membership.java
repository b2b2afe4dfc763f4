package org.headrace.core.auth;

import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;

/** Memberships as a state holds them; a string, since a foreign state may hold any. */
public final class Membership {
  public static final String BAN = "ban";
  public static final String INVITE = "invite";
  public static final String JOIN = "join";
  public static final String KNOCK = "knock";
  public static final String LEAVE = "leave";

  private Membership() {}

  /** The user's membership; {@code leave} where the state has none. */
  public static String of(StateLookup state, String userId) {
    return state.get(StateKey.member(userId)).map(Membership::of).orElse(LEAVE);
  }

  /** What a member event sets. */
  public static String of(Pdu member) {
    return member.content().path("membership").asText(LEAVE);
  }
}
