package org.headrace.projections.runner;

import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * CRC-32C of a record's key and value: whether a topic still has the record that views were made
 * of.
 */
final class Checksum {
  private Checksum() {}

  static int of(ConsumerRecord<byte[], byte[]> record) {
    CRC32C crc = new CRC32C();
    if (record.key() != null) {
      crc.update(record.key());
    }
    crc.update(0);
    if (record.value() != null) {
      crc.update(record.value());
    }
    return (int) crc.getValue();
  }
}
