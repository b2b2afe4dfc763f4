package org.headrace.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file's bytes, held open: they can be read to the end though the file is deleted meanwhile. */
final class FileContent implements MediaStore.Content {
  private final FileChannel channel;
  private final long size;

  private FileContent(FileChannel channel, long size) {
    this.channel = channel;
    this.size = size;
  }

  static Optional<MediaStore.Content> open(Path file) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try {
      return Optional.of(new FileContent(channel, channel.size()));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public InputStream stream() {
    return Channels.newInputStream(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
