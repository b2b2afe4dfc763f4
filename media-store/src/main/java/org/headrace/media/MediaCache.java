package org.headrace.media;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files of a folder that can be made again: other servers' media, thumbnails. Bounded in bytes;
 * what was not asked for the longest goes first. What a node has in it concerns no other node. Safe
 * for many threads of one process.
 */
public final class MediaCache {
  /** An entry counts so much more than its bytes. */
  private static final int ENTRY_BYTES = 4_096;

  /**
   * What an entry is.
   *
   * @param type a media type
   * @param filename if one is known
   */
  public record Label(String type, @Nullable String filename) {}

  /** An entry, to be read and closed. */
  public record Entry(Label label, long size, MediaStore.Content content) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      content.close();
    }
  }

  /** Writes an entry's bytes. */
  @FunctionalInterface
  public interface Source {
    void writeTo(OutputStream out) throws IOException;
  }

  private final Path folder;
  private final long bytesMax;
  private final InstantSource clock;

  /** Bytes by file name, the one not used for the longest first. */
  private final Map<String, Long> sizes = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /** Finds what an earlier process left there. */
  public MediaCache(Path folder, long bytesMax, InstantSource clock) throws IOException {
    this.folder = folder;
    this.bytesMax = bytesMax;
    this.clock = clock;
    Files.createDirectories(folder);
    Map<FileTime, Map<String, Long>> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(IncomingFile.PREFIX)) {
          Files.delete(file);
        } else {
          found
              .computeIfAbsent(Files.getLastModifiedTime(file), time -> new TreeMap<>())
              .put(name, Files.size(file));
        }
      }
    }
    found.values().forEach(entries -> entries.forEach(this::note));
    trim();
  }

  /**
   * Keeps all that the source writes, under this key.
   *
   * @throws TooLargeException if that is more than {@code entryBytesMax}; nothing is kept then
   */
  public void put(String key, Label label, Source source, long entryBytesMax) throws IOException {
    byte[] head = head(label);
    String name = name(key);
    try (IncomingFile file = new IncomingFile(folder, entryBytesMax + head.length)) {
      file.write(head);
      source.writeTo(file);
      file.moveTo(folder.resolve(name));
      use(name);
      note(name, file.size());
    }
    trim();
  }

  /** The entry, if it is there. */
  public Optional<Entry> open(String key) throws IOException {
    String name = name(key);
    Optional<MediaStore.Content> content = FileContent.open(folder.resolve(name));
    if (content.isEmpty()) {
      return Optional.empty();
    }
    Label label = null;
    try {
      label = label(new DataInputStream(content.get().stream()));
    } catch (EOFException | UTFDataFormatException e) {
      // A power cut took its end: it is made again.
    } finally {
      if (label == null) {
        content.get().close();
      }
    }
    if (label == null) {
      return Optional.empty();
    }
    use(name);
    long size = content.get().size() - head(label).length;
    return Optional.of(new Entry(label, size, content.get()));
  }

  /** The order of use outlives the process. */
  private void use(String name) throws IOException {
    synchronized (this) {
      Long unused = sizes.get(name);
    }
    try {
      Files.setLastModifiedTime(folder.resolve(name), FileTime.from(clock.instant()));
    } catch (NoSuchFileException e) {
      // Another thread made room.
    }
  }

  private static Label label(DataInputStream in) throws IOException {
    String type = in.readUTF();
    return new Label(type, in.readBoolean() ? in.readUTF() : null);
  }

  private static byte[] head(Label label) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(head);
    out.writeUTF(label.type());
    out.writeBoolean(label.filename() != null);
    if (label.filename() != null) {
      out.writeUTF(label.filename());
    }
    return head.toByteArray();
  }

  private synchronized void note(String name, long size) {
    Long before = sizes.put(name, size + ENTRY_BYTES);
    bytes += size + ENTRY_BYTES - (before == null ? 0 : before);
  }

  private synchronized void trim() throws IOException {
    Iterator<Map.Entry<String, Long>> oldest = sizes.entrySet().iterator();
    while (bytes > bytesMax && oldest.hasNext()) {
      Map.Entry<String, Long> entry = oldest.next();
      Files.deleteIfExists(folder.resolve(entry.getKey()));
      bytes -= entry.getValue();
      oldest.remove();
    }
  }

  private static String name(String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
