package org.headrace.sender.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;
import org.headrace.core.id.UserId;
import org.headrace.schema.federation.QueueKey;

/** The keys of the queues' store: a table's letter, the queue, and what orders its rows. */
final class QueueRows {
  /** queue, offset → the entry. */
  static final char ENTRY = 'e';

  /** queue, slot → the offset of the one entry that may hold it. */
  static final char SLOT = 'r';

  /** queue, worth, offset → nothing: the EDUs that wait, in the order in which they are dropped. */
  static final char EDU = 'u';

  /** queue, user → the position of the newest step of their device list that was queued. */
  static final char DEVICE_LIST = 'd';

  /** queue → what is in it. */
  static final char CONTENTS = 'm';

  /** queue → its destination's status. */
  static final char STATUS = 's';

  private static final char END = 0;

  private QueueRows() {}

  static Bytes entry(QueueKey queue, long offset) {
    return numbered(ENTRY + queue.recordKey() + END, offset);
  }

  /** {@code worth}: what is worth less is dropped first. */
  static Bytes edu(QueueKey queue, char worth, long offset) {
    return numbered(EDU + queue.recordKey() + END + worth, offset);
  }

  static long offsetOf(Bytes eduKey) {
    return ByteBuffer.wrap(eduKey.get()).getLong(eduKey.get().length - Long.BYTES);
  }

  static Bytes slot(QueueKey queue, String slot) {
    return Bytes.wrap(bytes(SLOT + queue.recordKey() + END + slot));
  }

  static Bytes deviceList(QueueKey queue, UserId user) {
    return Bytes.wrap(bytes(DEVICE_LIST + queue.recordKey() + END + user));
  }

  static Bytes contents(QueueKey queue) {
    return Bytes.wrap(bytes(CONTENTS + queue.recordKey()));
  }

  static Bytes status(QueueKey queue) {
    return Bytes.wrap(bytes(STATUS + queue.recordKey()));
  }

  /** The first key of a table, and the one after its last. */
  static Bytes table(char table) {
    return Bytes.wrap(bytes(String.valueOf(table)));
  }

  static QueueKey queueOf(Bytes contentsKey) {
    return QueueKey.of(new String(contentsKey.get(), StandardCharsets.UTF_8).substring(1));
  }

  private static Bytes numbered(String text, long number) {
    byte[] prefix = bytes(text);
    return Bytes.wrap(
        ByteBuffer.allocate(prefix.length + Long.BYTES).put(prefix).putLong(number).array());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
