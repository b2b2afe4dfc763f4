package org.headrace.core.event;

/** The key of a room's state map: an event type and a state key; ordered by type, then key. */
public record StateKey(String type, String stateKey) implements Comparable<StateKey> {
  public static final StateKey CREATE = new StateKey("m.room.create", "");
  public static final StateKey POWER_LEVELS = new StateKey("m.room.power_levels", "");
  public static final StateKey JOIN_RULES = new StateKey("m.room.join_rules", "");
  public static final StateKey HISTORY_VISIBILITY = new StateKey("m.room.history_visibility", "");
  public static final StateKey SERVER_ACL = new StateKey("m.room.server_acl", "");

  public static StateKey member(String userId) {
    return new StateKey("m.room.member", userId);
  }

  @Override
  public int compareTo(StateKey other) {
    int byType = type.compareTo(other.type);
    return byType != 0 ? byType : stateKey.compareTo(other.stateKey);
  }
}
