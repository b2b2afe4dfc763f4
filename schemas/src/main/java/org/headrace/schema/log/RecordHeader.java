package org.headrace.schema.log;

import java.nio.ByteBuffer;

/** Headers of records that topologies send. */
public final class RecordHeader {
  /**
   * Packed position of the log record, or of the command for other outputs; 8 bytes. Tells recovery
   * how far a topic got without reading values.
   */
  public static final String POSITION = "p";

  /**
   * On what is decided again: the highest position (of a command) that was ever decided in this
   * partition. So the end of a topic tells what it holds, also where it repeats itself; 8 bytes.
   */
  public static final String HIGHEST = "h";

  private RecordHeader() {}

  public static byte[] encode(Position position) {
    return ByteBuffer.allocate(Long.BYTES).putLong(position.packed()).array();
  }

  public static Position decode(byte[] value) {
    return new Position(ByteBuffer.wrap(value).getLong());
  }
}
