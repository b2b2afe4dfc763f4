package org.headrace.media;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file that is being written, under a name of its own until it is whole: readers see all of it or
 * nothing. Fails with {@link TooLargeException} beyond its limit; closing it takes away what was
 * not moved into place.
 */
final class IncomingFile extends OutputStream {
  static final String PREFIX = "in";

  private final Path file;
  private final FileChannel channel;
  private final MessageDigest digest;
  private final long bytesMax;
  private long size;

  IncomingFile(Path folder, long bytesMax) throws IOException {
    this.bytesMax = bytesMax;
    file = Files.createTempFile(folder, PREFIX, "");
    channel = FileChannel.open(file, StandardOpenOption.WRITE);
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one});
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    size += length;
    if (size > bytesMax) {
      throw new TooLargeException(bytesMax);
    }
    digest.update(bytes, offset, length);
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  long size() {
    return size;
  }

  /** SHA-256 of what was written, lower-case hexadecimal; once. */
  String hash() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Puts the bytes on the disk. */
  void force() throws IOException {
    channel.force(true);
  }

  /** Puts it in place; a file that is there already is replaced. */
  void moveTo(Path target) throws IOException {
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
