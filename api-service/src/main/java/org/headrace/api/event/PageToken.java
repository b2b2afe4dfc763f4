package org.headrace.api.event;

import java.util.Optional;
import org.headrace.api.sync.SyncToken;

/** Tokens of /messages: places. Sync tokens are accepted too: a partition's position is a place. */
public final class PageToken {
  private static final char PREFIX = 't';
  private static final int RADIX = 36;

  private PageToken() {}

  public static String encode(long boundary) {
    return PREFIX + Long.toString(boundary, RADIX);
  }

  /** The boundary that a token of either kind stands for in a room of this partition. */
  public static Optional<Long> decode(String token, int roomPartition) {
    if (token.length() > 1 && token.charAt(0) == PREFIX) {
      try {
        return Optional.of(Long.parseLong(token.substring(1), RADIX));
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }
    return SyncToken.decode(token).map(sync -> sync.room(roomPartition).log().packed());
  }
}
