package org.headrace.standalone.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The data folder, held by one process at a time. */
final class DataFolder implements AutoCloseable {
  private final FileChannel channel;
  private final FileLock lock;

  private DataFolder(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /** Makes the folder if it is absent; says why if it cannot be written. */
  static void prepare(Path folder) throws StartException {
    try {
      Files.createDirectories(folder);
      Path probe = Files.createTempFile(folder, "probe", "");
      Files.delete(probe);
    } catch (IOException e) {
      throw new StartException("the data folder " + folder + " cannot be written: " + reason(e));
    }
  }

  /** Holds the folder until closed. */
  static DataFolder hold(Path folder) throws StartException {
    prepare(folder);
    try {
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw new StartException("another Headrace runs on the data folder " + folder);
      }
      String holder = ProcessHandle.current().pid() + "\n";
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)));
      return new DataFolder(channel, lock);
    } catch (IOException e) {
      throw new StartException("the data folder " + folder + " cannot be locked: " + reason(e));
    }
  }

  /** Whether a process holds the folder now. */
  static boolean isHeld(Path folder) throws StartException {
    if (!Files.exists(folder.resolve("lock"))) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.WRITE)) {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        return true;
      }
      lock.release();
      return false;
    } catch (IOException e) {
      throw new StartException("the data folder " + folder + " cannot be read: " + reason(e));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.AccessDeniedException denied -> "permission denied";
      case java.nio.file.FileAlreadyExistsException exists -> "it is not a folder";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      // The process ends, and its locks with it.
    }
  }
}
