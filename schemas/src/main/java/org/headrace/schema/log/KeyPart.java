package org.headrace.schema.log;

/**
 * Parts of record and store keys that {@code |} joins. Clients choose many of them (transaction
 * ids, event types, device ids, key ids), so a part holds no {@code |} of its own: it is {@code
 * %7C}, and {@code %} is {@code %25}. Keys of different parts then differ.
 */
public final class KeyPart {
  private KeyPart() {}

  public static String escape(String part) {
    if (part.indexOf('|') < 0 && part.indexOf('%') < 0) {
      return part;
    }
    return part.replace("%", "%25").replace("|", "%7C");
  }

  /** What {@link #escape} made this of. */
  public static String unescape(String escaped) {
    return escaped.replace("%7C", "|").replace("%25", "%");
  }
}
