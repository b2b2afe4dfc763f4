package org.headrace.core.roomversion;

import java.util.Set;

/**
 * What a room version says about the form of events.
 *
 * @param eventIds where an event's id comes from
 * @param flags the features that are on
 */
public record EventFlags(EventIdForm eventIds, Set<Flag> flags) {
  /** Where an event's id comes from. */
  public enum EventIdForm {
    /** {@code event_id} in the event, {@code $opaque:domain}; references are pairs with hashes. */
    GIVEN,
    /** Reference hash in unpadded base64. */
    BASE64_HASH,
    /** Reference hash in URL-safe unpadded base64. */
    URL_SAFE_HASH
  }

  /** Features of the event format, each off until the version that brought it. */
  public enum Flag {
    STRICT_CANONICAL_JSON,
    KEY_VALIDITY,
    REDACTS_IN_CONTENT,
    ROOM_ID_FROM_CREATE
  }

  public EventFlags {
    flags = Flags.frozen(flags, Flag.class);
  }

  /** Whether the event carries {@code event_id} and pairs of ids and hashes as references. */
  public boolean idGiven() {
    return eventIds == EventIdForm.GIVEN;
  }

  /** Whether canonical JSON is enforced on events. */
  public boolean strictCanonicalJson() {
    return flags.contains(Flag.STRICT_CANONICAL_JSON);
  }

  /** Whether {@code valid_until_ts} of signing keys is enforced. */
  public boolean keyValidity() {
    return flags.contains(Flag.KEY_VALIDITY);
  }

  /** Whether a redaction names its target in {@code content.redacts} and not at the top level. */
  public boolean redactsInContent() {
    return flags.contains(Flag.REDACTS_IN_CONTENT);
  }

  /** Whether the room id is the reference hash of the create event, which then has none. */
  public boolean roomIdFromCreate() {
    return flags.contains(Flag.ROOM_ID_FROM_CREATE);
  }

  EventFlags with(EventIdForm form) {
    return new EventFlags(form, flags);
  }

  EventFlags with(Flag added) {
    return new EventFlags(eventIds, Flags.plus(flags, added, Flag.class));
  }
}
