package org.headrace.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Uploads as files of a folder, {@code ab/cd/abcd…} by their hash. A file is written under another
 * name, put on the disk, and only then renamed.
 *
 * <p>Processes that share a folder have a folder each in it, which only its own process writes, and
 * read all of them: so nobody waits for anybody, and bytes that one of them takes away are never
 * those that another has told of. What two of them were given is kept twice.
 */
public final class FolderMediaStore implements MediaStore {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final int FOLDER_CHARS = 2;

  private static final String NODE = "node-";

  /** Where this process writes, and what it looks into first. */
  private final Path folder;

  private final Path incoming;

  /** Where the folders of all processes are; null if this is the only one. */
  private final @Nullable Path shared;

  /** Files that one put has brought, that is not settled yet, and that no other has found. */
  private final Set<String> brought = new HashSet<>();

  /** Of one process at a time. Takes away what one that was killed had not received whole. */
  public FolderMediaStore(Path folder) throws IOException {
    this(folder, null);
  }

  /**
   * One of several on a folder.
   *
   * @param node this process's name among them, the same after a restart: a name of files
   */
  public static FolderMediaStore shared(Path folder, String node) throws IOException {
    return new FolderMediaStore(folder.resolve(NODE + node), folder);
  }

  private FolderMediaStore(Path folder, @Nullable Path shared) throws IOException {
    this.folder = folder;
    this.incoming = folder.resolve("incoming");
    this.shared = shared;
    // Who only reads writes nothing, and need not be allowed to.
    if (Files.exists(incoming)) {
      try (DirectoryStream<Path> left = Files.newDirectoryStream(incoming)) {
        for (Path file : left) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public Stored put(InputStream content, long bytesMax) throws IOException {
    Files.createDirectories(incoming);
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
      if (shared != null) {
        forceEntries(shared);
      }
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
    if (!HASH.matcher(hash).matches()) {
      return Optional.empty();
    }
    Optional<Content> own = FileContent.open(file(hash));
    return own.isPresent() || shared == null ? own : openAnothers(shared, hash);
  }

  private static Optional<Content> openAnothers(Path shared, String hash) throws IOException {
    try (DirectoryStream<Path> nodes = Files.newDirectoryStream(shared, NODE + "*")) {
      for (Path node : nodes) {
        Optional<Content> found = FileContent.open(file(node, hash));
        if (found.isPresent()) {
          return found;
        }
      }
    } catch (NoSuchFileException e) {
      // Nobody has stored anything yet.
    }
    return Optional.empty();
  }

  private Path file(String hash) {
    return file(folder, hash);
  }

  private static Path file(Path folder, String hash) {
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
