package org.headrace.account.account;

/** Bounds of what one account holds and of what one command does (design D6). */
public final class Limits {
  public static final int DEVICES_MAX = 500;
  public static final int DEVICE_NAME_CHARS_MAX = 256;

  /** One-time keys that one device may have waiting, all algorithms together. */
  public static final int ONE_TIME_KEYS_MAX = 250;

  public static final int FALLBACK_KEYS_MAX = 8;
  public static final int KEY_ID_BYTES_MAX = 255;
  public static final int KEY_OBJECT_BYTES_MAX = 8_192;
  public static final int DEVICE_KEYS_BYTES_MAX = 65_536;

  /**
   * Ids of keys given out that are remembered per device, so that a repeated upload is recognised.
   */
  public static final int SPENT_KEYS_MAX = 500;

  /** Messages that wait for one device; what comes beyond it is dropped. */
  public static final int TO_DEVICE_MAX = 10_000;

  public static final int TO_DEVICE_BYTES_MAX = 65_536;

  /** Senders' transactions that are remembered per receiving user. */
  public static final int DEDUPE_IDS_MAX = 500;

  /** How long an alias is kept for a room that is being made, in command time. */
  public static final long ALIAS_RESERVED_MILLIS_MAX = 10 * 60 * 1000;

  /** Ids of commands from the account to itself that are remembered per user. */
  public static final int CROSSED_IDS_MAX = 500;

  public static final int ACCOUNT_DATA_BYTES_MAX = 524_288;
  public static final int ACCOUNT_DATA_MAX = 100_000;
  public static final int FILTERS_MAX = 1_000;
  public static final int FILTER_BYTES_MAX = 65_536;
  public static final int PROFILE_FIELD_BYTES_MAX = 255;

  /** Of displayname and avatar_url, which every member event of the user repeats. */
  public static final int PROFILE_MEMBER_VALUE_BYTES_MAX = 1_024;

  /** Of all fields together (spec, "Profiles"). */
  public static final int PROFILE_BYTES_MAX = 65_536;

  /** Media ids of one user that wait for their content. */
  public static final int MEDIA_PENDING_MAX = 50;

  public static final int SIGNING_KEY_BYTES_MAX = 16_384;

  /** Signatures by one user's keys. */
  public static final int SIGNATURES_MAX = 50_000;

  /** Of one command. */
  public static final int SIGNATURES_PER_COMMAND_MAX = 1_000;

  /** Devices that one command deletes; the rest follows in a command of the account to itself. */
  public static final int DEVICES_PER_STEP_MAX = 50;

  /** Steps of a device list that one echo tells of: the newest. */
  public static final int DEVICE_CHANGES_PER_ECHO_MAX = 10;

  /** Items that one command takes away; the rest follows. */
  public static final int ITEMS_PER_STEP_MAX = 1_000;

  /** Rooms in one chunk of a user's joined rooms; two hexadecimal digits of a slot. */
  public static final int ROOMS_PER_CHUNK = 256;

  /** Chunks that one command looks into for an echo; it stops after the first that holds a room. */
  public static final int CHUNKS_PER_STEP_MAX = 64;

  private Limits() {}
}
