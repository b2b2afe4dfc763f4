package org.headrace.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Uploads as files of a folder, {@code ab/cd/abcd…} by their hash, of one process at a time. A file
 * is written under another name, put on the disk, and only then renamed.
 */
public final class FolderMediaStore implements MediaStore {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final int FOLDER_CHARS = 2;

  private final Path folder;
  private final Path incoming;

  /** Files that one put has brought, that is not settled yet, and that no other has found. */
  private final Set<String> brought = new HashSet<>();

  /** Takes away what a process that was killed had not received whole. */
  public FolderMediaStore(Path folder) throws IOException {
    this.folder = folder;
    this.incoming = folder.resolve("incoming");
    Files.createDirectories(incoming);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(incoming)) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
  }

  @Override
  public Stored put(InputStream content, long bytesMax) throws IOException {
    try (IncomingFile file = new IncomingFile(incoming, bytesMax)) {
      content.transferTo(file);
      String hash = file.hash();
      Path target = file(hash);
      file.force();
      Files.createDirectories(target.getParent());
      synchronized (brought) {
        if (Files.exists(target)) {
          brought.remove(hash);
        } else {
          file.moveTo(target);
          brought.add(hash);
        }
      }
      // Also where it was found: whoever brought it may not have come so far.
      Path each = target.getParent();
      while (each != null && !each.equals(folder)) {
        forceEntries(each);
        each = each.getParent();
      }
      forceEntries(folder);
      return new Stored(hash, file.size());
    }
  }

  @Override
  public void settle(Stored stored, boolean used) throws IOException {
    synchronized (brought) {
      if (brought.remove(stored.hash()) && !used) {
        Files.deleteIfExists(file(stored.hash()));
      }
    }
  }

  @Override
  public Optional<Content> open(String hash) throws IOException {
    return HASH.matcher(hash).matches() ? FileContent.open(file(hash)) : Optional.empty();
  }

  private Path file(String hash) {
    return folder
        .resolve(hash.substring(0, FOLDER_CHARS))
        .resolve(hash.substring(FOLDER_CHARS, 2 * FOLDER_CHARS))
        .resolve(hash);
  }

  /** A new name is on the disk when its folder is. */
  private static void forceEntries(Path of) throws IOException {
    try (FileChannel entries = FileChannel.open(of, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }
}
