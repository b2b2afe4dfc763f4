package org.headrace.core.state;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.jspecify.annotations.Nullable;

/**
 * A node of the state tree and its encoding: what its hash covers, so it may never change.
 *
 * <p>Leaf: {@code 1, count, (type, state key, event id)*}, sorted by key. Branch: {@code 2, bitmap
 * of children (2 bytes), (size, hash)*} in the order of slots. Counts and lengths are LEB128.
 */
sealed interface TreeNode {
  int HASH_BYTES = 20;
  int FANOUT = 16;
  int LEAF = 1;
  int BRANCH = 2;
  Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  Base64.Decoder BASE64_DECODER = Base64.getUrlDecoder();

  /** How many entries lie below. */
  int size();

  byte[] encode();

  /** Entries sorted by key. */
  record Leaf(List<Entry> entries) implements TreeNode {
    static final Leaf EMPTY = new Leaf(List.of());

    @Override
    public int size() {
      return entries.size();
    }

    @Override
    public byte[] encode() {
      ByteArrayOutputStream out = new ByteArrayOutputStream(1 + 96 * entries.size());
      out.write(LEAF);
      writeNumber(out, entries.size());
      for (Entry entry : entries) {
        writeText(out, entry.key().type());
        writeText(out, entry.key().stateKey());
        writeText(out, entry.event().value());
      }
      return out.toByteArray();
    }
  }

  /** Children by the next four bits of their keys' hashes; null where there are none. */
  record Branch(@Nullable Child[] children) implements TreeNode {
    @Override
    public int size() {
      int size = 0;
      for (Child child : children) {
        size += child == null ? 0 : child.size();
      }
      return size;
    }

    @Override
    public byte[] encode() {
      ByteArrayOutputStream out = new ByteArrayOutputStream(3 + FANOUT * (HASH_BYTES + 2));
      out.write(BRANCH);
      int bitmap = 0;
      for (int slot = 0; slot < FANOUT; slot++) {
        bitmap |= children[slot] == null ? 0 : 1 << slot;
      }
      out.write(bitmap >> 8);
      out.write(bitmap);
      for (Child child : children) {
        if (child != null) {
          writeNumber(out, child.size());
          out.writeBytes(BASE64_DECODER.decode(child.hash()));
        }
      }
      return out.toByteArray();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Branch branch && Arrays.equals(children, branch.children);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(children);
    }
  }

  /** A subtree by its hash. */
  record Child(String hash, int size) {}

  /** One entry of the map, with the hash that says where it lies. */
  record Entry(StateKey key, EventId event, byte[] path) {
    static final Comparator<Entry> BY_KEY = Comparator.comparing(Entry::key);

    Entry(StateKey key, EventId event) {
      this(key, event, pathOf(key));
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Entry entry && key.equals(entry.key) && event.equals(entry.event);
    }

    @Override
    public int hashCode() {
      return key.hashCode();
    }
  }

  static TreeNode decode(byte[] bytes) {
    Reader in = new Reader(bytes);
    switch (in.next()) {
      case LEAF -> {
        int count = in.number();
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          entries.add(new Entry(new StateKey(in.text(), in.text()), new EventId(in.text())));
        }
        return new Leaf(List.copyOf(entries));
      }
      case BRANCH -> {
        int bitmap = in.next() << 8 | in.next();
        @Nullable Child[] children = new @Nullable Child[FANOUT];
        for (int slot = 0; slot < FANOUT; slot++) {
          if ((bitmap & 1 << slot) != 0) {
            int size = in.number();
            children[slot] = new Child(in.hash(), size);
          }
        }
        return new Branch(children);
      }
      default -> throw new IllegalStateException("not a node of a state tree");
    }
  }

  /** The hash that names these bytes, in URL-safe base64. */
  static String hash(byte[] encoded) {
    return BASE64.encodeToString(Arrays.copyOf(sha256().digest(encoded), HASH_BYTES));
  }

  /** Where a key lies: four bits of this per level. */
  static byte[] pathOf(StateKey key) {
    MessageDigest digest = sha256();
    digest.update(key.type().getBytes(StandardCharsets.UTF_8));
    // No UTF-8 has this byte, so it parts type and key.
    digest.update((byte) 0xFF);
    return digest.digest(key.stateKey().getBytes(StandardCharsets.UTF_8));
  }

  static int slot(byte[] path, int depth) {
    int pair = path[depth >> 1] & 0xFF;
    return (depth & 1) == 0 ? pair >> 4 : pair & 15;
  }

  /** A copy of one that is never used itself: looking for a provider each time takes longer. */
  private static MessageDigest sha256() {
    try {
      return (MessageDigest) Sha256.UNUSED.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Holds the digest that is copied. */
  final class Sha256 {
    private static final MessageDigest UNUSED = unused();

    private Sha256() {}

    private static MessageDigest unused() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void writeNumber(ByteArrayOutputStream out, int number) {
    int rest = number;
    while (rest >= 0x80) {
      out.write(rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  private static void writeText(ByteArrayOutputStream out, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    writeNumber(out, utf8.length);
    out.writeBytes(utf8);
  }

  /** Reads what the encoding wrote. */
  final class Reader {
    private final byte[] bytes;
    private int next;

    Reader(byte[] bytes) {
      this.bytes = bytes;
    }

    int next() {
      return bytes[next++] & 0xFF;
    }

    int number() {
      int number = 0;
      for (int shift = 0; ; shift += 7) {
        int part = next();
        number |= (part & 0x7F) << shift;
        if (part < 0x80) {
          return number;
        }
      }
    }

    String text() {
      int length = number();
      String text = new String(bytes, next, length, StandardCharsets.UTF_8);
      next += length;
      return text;
    }

    String hash() {
      String hash = BASE64.encodeToString(Arrays.copyOfRange(bytes, next, next + HASH_BYTES));
      next += HASH_BYTES;
      return hash;
    }
  }
}
