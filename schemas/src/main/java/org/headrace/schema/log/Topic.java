package org.headrace.schema.log;

/**
 * The catalogue of topics. {@code docs/topics.md} describes their records.
 *
 * <p>All topics of one family (ROOM, ACCOUNT) have the same number of partitions, and a record made
 * from a command lies in the partition of that command.
 */
public enum Topic {
  /** RoomCommand, keyed by room id. */
  ROOM_COMMANDS("room.commands", Family.ROOM, Retention.DAYS, true),
  /** RoomRecord, keyed by room id; never compacted, never deleted. */
  ROOM_LOG("room.log", Family.ROOM, Retention.FOREVER, false),
  /**
   * What redaction takes away of an event; keyed {@code <room id>|<event id>}; tombstoned by
   * redaction.
   */
  ROOM_BODIES("room.bodies", Family.ROOM, Retention.COMPACTED, false),
  /** Work that needs the network: missing events, remote keys; keyed by room id. */
  ROOM_EFFECTS("room.effects", Family.ROOM, Retention.DAYS, false),
  /** Tick, keyed by room id. */
  ROOM_TICKS("room.ticks", Family.ROOM, Retention.MINUTES, false),
  /** AccountCommand, keyed by user id or room alias. */
  ACCOUNT_COMMANDS("account.commands", Family.ACCOUNT, Retention.DAYS, true),
  /** AccountRecord, keyed by user id or room alias; never compacted. */
  ACCOUNT_LOG("account.log", Family.ACCOUNT, Retention.FOREVER, false),
  /**
   * What is replaced or vanishes: account data, to-device messages, one-time keys. AccountItem,
   * keyed {@code <user id>|<item key>}, with tombstones.
   */
  ACCOUNT_ITEMS("account.items", Family.ACCOUNT, Retention.COMPACTED, false),
  /** Tick, keyed by user id or room alias. */
  ACCOUNT_TICKS("account.ticks", Family.ACCOUNT, Retention.MINUTES, false),
  /** TypingRecord, keyed by room id; partitioned as rooms are. */
  TYPING("typing", Family.ROOM, Retention.MINUTES, false),
  /** ReceiptRecord, keyed {@code <room>|<user>|<type>|<thread>}; partitioned as rooms are. */
  RECEIPTS("receipts", Family.ROOM, Retention.COMPACTED, false),
  /** PresenceRecord, keyed by user id; partitioned as accounts are. */
  PRESENCE("presence", Family.ACCOUNT, Retention.HOUR, false),
  /** QueueRecord, keyed {@code <tenant>|<destination>}; what other servers are still to get. */
  FEDERATION_QUEUE("federation.queue", Family.ACCOUNT, Retention.DAYS, false),
  /** DestinationStatus, keyed {@code <tenant>|<destination>}: how far a destination has got. */
  FEDERATION_STATUS("federation.status", Family.ACCOUNT, Retention.COMPACTED, false);

  /** What the key of a topic's partitions is. */
  public enum Family {
    ROOM,
    ACCOUNT
  }

  /** How long records are kept. */
  public enum Retention {
    /** For ever, in order. */
    FOREVER,
    /** The newest of each key. */
    COMPACTED,
    /** Seven days. */
    DAYS,
    /** One hour. */
    HOUR,
    /** Ten minutes. */
    MINUTES
  }

  private final String topicName;
  private final Family family;
  private final Retention retention;
  private final boolean flushed;

  Topic(String topicName, Family family, Retention retention, boolean flushed) {
    this.topicName = topicName;
    this.family = family;
    this.retention = retention;
    this.flushed = flushed;
  }

  public String topicName() {
    return topicName;
  }

  public Family family() {
    return family;
  }

  public Retention retention() {
    return retention;
  }

  /** Whether a single broker flushes a record to disk before it acknowledges it (design D3). */
  public boolean flushed() {
    return flushed;
  }
}
