package org.headrace.sender.queue;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.headrace.core.id.DeviceId;
import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.KeyPart;
import org.headrace.schema.log.LogJson;
import org.jspecify.annotations.Nullable;

/**
 * The queues of one partition: a fold of {@code federation.queue} and {@code federation.status}.
 * Entries stand in the order of their offsets. An entry may have a <em>slot</em>, which the next of
 * the same slot takes over: EDUs of which only the newest is of use, the steps of one device in a
 * user's device list, and, of a destination that has fallen far behind, the events of one room. Of
 * a user's device list only later steps are taken than were before. Met again after a crash,
 * records lead to the same end.
 *
 * <p>Written by the stream's thread alone; {@link #next} may read from others.
 */
public final class Queues {
  private static final String MESSAGE = "m.direct_to_device";
  private static final byte[] NOTHING = {};

  /** What another EDU will say, or the destination fetches. */
  private static final char TOLD_ANEW = '0';

  /** What is lost if it is not sent. */
  private static final char TOLD_ONCE = '1';

  private final KeyValueStore<Bytes, byte[]> store;

  public Queues(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  /** What waits in a queue; {@code behind}: only the latest event of each room is kept. */
  record Contents(int pdus, int edus, boolean behind) {
    static final Contents NONE = new Contents(0, 0, false);

    Contents plus(QueueRecord record, int count) {
      return record instanceof QueueRecord.Pdu
          ? new Contents(pdus + count, edus, behind)
          : new Contents(pdus, edus + count, behind);
    }

    @JsonIgnore
    boolean isEmpty() {
      return pdus == 0 && edus == 0;
    }
  }

  /** Queues a record; nothing happens if it is there or was sent. */
  public void add(QueueKey queue, QueuedEntry entry) {
    Bytes key = QueueRows.entry(queue, entry.offset());
    if (entry.offset() <= status(store, queue).sentUpTo()
        || store.get(key) != null
        || isTold(queue, entry.record())) {
      return;
    }
    Contents contents = contents(queue);
    contents = takeSlot(queue, entry, contents);
    if (!(entry.record() instanceof QueueRecord.Pdu)) {
      store.put(QueueRows.edu(queue, worth(entry.record()), entry.offset()), NOTHING);
    }
    store.put(key, LogJson.encode(entry));
    contents = contents.plus(entry.record(), 1);
    if (contents.pdus() > QueueLimits.PDUS_MAX && !contents.behind()) {
      contents = fallBehind(queue, contents);
    }
    if (contents.edus() > QueueLimits.EDUS_MAX) {
      contents = dropEdu(queue, contents);
    }
    put(queue, contents);
    noteStep(queue, entry.record());
  }

  /**
   * Whether this is a step of a device list that the destination knows, or will know to have missed
   * when it gets a later one.
   */
  private boolean isTold(QueueKey queue, QueueRecord record) {
    if (!(record instanceof QueueRecord.DeviceList step)) {
      return false;
    }
    byte[] newest = store.get(QueueRows.deviceList(queue, step.user()));
    return newest != null && step.change().position().packed() <= number(newest);
  }

  /** Comes after all else, so that a crash between leaves a step that is met again. */
  private void noteStep(QueueKey queue, QueueRecord record) {
    if (record instanceof QueueRecord.DeviceList step) {
      store.put(QueueRows.deviceList(queue, step.user()), bytes(step.change().position().packed()));
    }
  }

  /** Notes what a destination has got; that leaves its queue. */
  public void acknowledge(QueueKey queue, DestinationStatus status) {
    DestinationStatus before = status(store, queue);
    store.put(QueueRows.status(queue), LogJson.encode(status));
    if (status.sentUpTo() <= before.sentUpTo()) {
      return;
    }
    Contents contents = contents(queue);
    for (QueuedEntry entry : entries(store, queue, -1, status.sentUpTo())) {
      contents = remove(queue, entry, contents);
    }
    put(queue, contents);
  }

  /** Queues in which something waits. */
  public List<QueueKey> waiting() {
    List<QueueKey> queues = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> rows =
        store.range(
            QueueRows.table(QueueRows.CONTENTS),
            QueueRows.table((char) (QueueRows.CONTENTS + 1)))) {
      while (rows.hasNext()) {
        queues.add(QueueRows.queueOf(rows.next().key));
      }
    }
    return queues;
  }

  public static DestinationStatus status(
      ReadOnlyKeyValueStore<Bytes, byte[]> store, QueueKey queue) {
    byte[] bytes = store.get(QueueRows.status(queue));
    return bytes == null ? DestinationStatus.NEW : LogJson.decode(bytes, DestinationStatus.class);
  }

  /** What the next transaction may hold: the oldest entries with a higher offset. */
  public static List<QueuedEntry> next(
      ReadOnlyKeyValueStore<Bytes, byte[]> store, QueueKey queue, long after) {
    List<QueuedEntry> batch = new ArrayList<>();
    int pdus = 0;
    int edus = 0;
    try (KeyValueIterator<Bytes, byte[]> rows = range(store, queue, after, Long.MAX_VALUE)) {
      while (rows.hasNext()) {
        QueuedEntry entry = LogJson.decode(rows.next().value, QueuedEntry.class);
        boolean full =
            entry.record() instanceof QueueRecord.Pdu
                ? ++pdus > QueueLimits.TRANSACTION_PDUS_MAX
                : ++edus > QueueLimits.TRANSACTION_EDUS_MAX;
        if (full) {
          break;
        }
        batch.add(entry);
      }
    }
    return batch;
  }

  private Contents takeSlot(QueueKey queue, QueuedEntry entry, Contents contents) {
    String slot = slot(entry.record(), contents.behind());
    if (slot == null) {
      return contents;
    }
    Bytes key = QueueRows.slot(queue, slot);
    byte[] held = store.get(key);
    Contents left = contents;
    if (held != null) {
      byte[] older = deleteEntry(queue, number(held), entry.record());
      left = older == null ? contents : contents.plus(entry.record(), -1);
    }
    store.put(key, bytes(entry.offset()));
    return left;
  }

  private static @Nullable String slot(QueueRecord record, boolean behind) {
    return switch (record) {
      case QueueRecord.Pdu pdu -> behind ? "room|" + pdu.roomId() : null;
      case QueueRecord.Edu edu -> edu.replaces() == null ? null : "edu|" + edu.replaces();
      case QueueRecord.DeviceList step -> slot(step);
      case QueueRecord.Wake wake -> throw new IllegalArgumentException("a wake waits for nothing");
    };
  }

  /**
   * A device's next step takes the place of its last. What named the replaced one as the step
   * before names one that the destination never gets, so it fetches the list, as is right.
   */
  private static String slot(QueueRecord.DeviceList step) {
    String user = KeyPart.escape(step.user().value());
    DeviceId device = step.change().device();
    return device == null
        ? "signing|" + user
        : "list|" + user + "|" + KeyPart.escape(device.value());
  }

  private static char worth(QueueRecord record) {
    return record instanceof QueueRecord.Edu edu && edu.eduType().equals(MESSAGE)
        ? TOLD_ONCE
        : TOLD_ANEW;
  }

  /** From now on a room's next event takes the place of its last. */
  private Contents fallBehind(QueueKey queue, Contents contents) {
    Contents left = new Contents(contents.pdus(), contents.edus(), true);
    for (QueuedEntry entry : entries(store, queue, -1, Long.MAX_VALUE)) {
      if (entry.record() instanceof QueueRecord.Pdu) {
        left = takeSlot(queue, entry, left);
      }
    }
    return left;
  }

  /** The oldest of those that are told anew, or else the oldest message. */
  private Contents dropEdu(QueueKey queue, Contents contents) {
    Bytes first = QueueRows.edu(queue, TOLD_ANEW, 0);
    Bytes last = QueueRows.edu(queue, TOLD_ONCE, Long.MAX_VALUE);
    try (KeyValueIterator<Bytes, byte[]> rows = store.range(first, last)) {
      while (rows.hasNext()) {
        Bytes row = rows.next().key;
        byte[] oldest = store.get(QueueRows.entry(queue, QueueRows.offsetOf(row)));
        if (oldest != null) {
          return remove(queue, LogJson.decode(oldest, QueuedEntry.class), contents);
        }
        // A crash came between it and its entry.
        store.delete(row);
      }
    }
    return contents;
  }

  /** What was there, if anything; {@code record}: of its kind. */
  private byte @Nullable [] deleteEntry(QueueKey queue, long offset, QueueRecord record) {
    if (!(record instanceof QueueRecord.Pdu)) {
      store.delete(QueueRows.edu(queue, worth(record), offset));
    }
    return store.delete(QueueRows.entry(queue, offset));
  }

  private Contents remove(QueueKey queue, QueuedEntry entry, Contents contents) {
    byte[] unused = deleteEntry(queue, entry.offset(), entry.record());
    String slot = slot(entry.record(), contents.behind());
    if (slot != null) {
      Bytes key = QueueRows.slot(queue, slot);
      byte[] held = store.get(key);
      if (held != null && number(held) == entry.offset()) {
        store.delete(key);
      }
    }
    return contents.plus(entry.record(), -1);
  }

  private static List<QueuedEntry> entries(
      ReadOnlyKeyValueStore<Bytes, byte[]> store, QueueKey queue, long after, long upTo) {
    List<QueuedEntry> entries = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> rows = range(store, queue, after, upTo)) {
      while (rows.hasNext()) {
        entries.add(LogJson.decode(rows.next().value, QueuedEntry.class));
      }
    }
    return entries;
  }

  private static KeyValueIterator<Bytes, byte[]> range(
      ReadOnlyKeyValueStore<Bytes, byte[]> store, QueueKey queue, long after, long upTo) {
    return store.range(QueueRows.entry(queue, after + 1), QueueRows.entry(queue, upTo));
  }

  private Contents contents(QueueKey queue) {
    byte[] bytes = store.get(QueueRows.contents(queue));
    return bytes == null ? Contents.NONE : LogJson.decode(bytes, Contents.class);
  }

  private void put(QueueKey queue, Contents contents) {
    if (contents.isEmpty()) {
      store.delete(QueueRows.contents(queue));
    } else {
      store.put(QueueRows.contents(queue), LogJson.encode(contents));
    }
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private static long number(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong();
  }
}
