package org.headrace.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.headrace.log.accounts.AccountFollower;
import org.headrace.projections.view.AccountsView.Session;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.record.AccountRecord;

/**
 * The sessions of which the view or the log told lately: while the views are away, these stand in.
 * What ended them is heard from the log of accounts; without somebody who follows it, none does
 * (ADR 7). Safe for many threads.
 */
public final class RecentSessions implements AccountFollower.Listener {
  /** Some 40 MB of them. */
  private static final int SESSIONS_MAX = 100_000;

  /** Who writes daily can do so through a failure of a night. */
  static final Duration AGE_MAX = Duration.ofDays(1);

  /** Longer than it takes until another broker leads, and then to be told by it. */
  static final Duration SILENCE_MAX = Duration.ofSeconds(30);

  /** Of a device that is gone: no token's hash. */
  private static final String NONE = "";

  private record Recent(Session session, long nanos) {}

  /** A device's token by the log. */
  private record Told(String tokenHash, long nanos) {}

  private final int max;
  private final LongSupplier nowNanos;

  /** What was used last is last. */
  private final SequencedMap<String, Recent> byToken = new LinkedHashMap<>(16, 0.75f, true);

  /** The newest last. */
  private final SequencedMap<Session, Told> told = new LinkedHashMap<>();

  private OptionalLong heardAllNanos = OptionalLong.empty();

  /** What was told until then is not known any more: it may have ended what is as old. */
  private OptionalLong forgottenNanos = OptionalLong.empty();

  /** {@code nowNanos}: a clock that never goes back, the follower's. */
  public RecentSessions(LongSupplier nowNanos) {
    this(SESSIONS_MAX, nowNanos);
  }

  RecentSessions(int max, LongSupplier nowNanos) {
    this.max = max;
    this.nowNanos = nowNanos;
  }

  /**
   * What the view says of a token; only while it is away, what is known of it. Empty: there is no
   * such session, or it has ended. A view that was away and is behind the log now neither revives a
   * token of which the log has told that it ended, nor denies one of which it has told that it
   * began.
   *
   * @throws ViewsUnavailableException it is away or behind, and nothing certain is known
   */
  public Optional<Session> read(String tokenHash, Supplier<Optional<Session>> view) {
    Optional<Session> found;
    long asked = nowNanos.getAsLong();
    try {
      found = view.get();
    } catch (ViewsUnavailableException e) {
      return known(tokenHash, e);
    }
    return found.isPresent()
        ? confirmed(tokenHash, found.get(), asked)
        : denied(tokenHash, new ViewsUnavailableException("the views are behind the log", null));
  }

  /** A view that is behind the log may still show what has ended. */
  private synchronized Optional<Session> confirmed(String tokenHash, Session session, long asked) {
    if (!isEnded(tokenHash, session)) {
      put(tokenHash, session, asked);
      return Optional.of(session);
    }
    // A token that was not met before may be newer than what was heard of its device.
    return byToken.get(tokenHash) == null ? Optional.of(session) : Optional.empty();
  }

  /** A view that is behind the log may not show yet what has begun: that is no reason for a 401. */
  private synchronized Optional<Session> denied(
      String tokenHash, ViewsUnavailableException behind) {
    Recent recent = byToken.get(tokenHash);
    if (recent != null && hearsAll() && isLive(tokenHash, recent)) {
      throw behind;
    }
    return Optional.empty();
  }

  private synchronized Optional<Session> known(String tokenHash, ViewsUnavailableException away) {
    Recent recent = byToken.get(tokenHash);
    if (recent == null || !hearsAll()) {
      throw away;
    }
    if (isEnded(tokenHash, recent.session())) {
      return Optional.empty();
    }
    if (!isLive(tokenHash, recent)) {
      throw away;
    }
    return Optional.of(recent.session());
  }

  private boolean isLive(String tokenHash, Recent recent) {
    return !isEnded(tokenHash, recent.session())
        && age(recent.nanos()) <= AGE_MAX.toNanos()
        && !mayHaveMissed(recent);
  }

  private boolean hearsAll() {
    return heardAllNanos.isPresent() && age(heardAllNanos.getAsLong()) <= SILENCE_MAX.toNanos();
  }

  private boolean mayHaveMissed(Recent recent) {
    return forgottenNanos.isPresent() && recent.nanos() - forgottenNanos.getAsLong() <= 0;
  }

  private long age(long nanos) {
    return nowNanos.getAsLong() - nanos;
  }

  private boolean isEnded(String tokenHash, Session session) {
    Told of = told.get(session);
    return of != null && !of.tokenHash().equals(tokenHash);
  }

  @Override
  public synchronized void heard(AccountRecord record) {
    switch (record) {
      case AccountRecord.SessionCreated r -> {
        Session session = new Session(r.user(), r.device());
        tell(session, r.tokenHash());
        put(r.tokenHash(), session, nowNanos.getAsLong());
      }
      case AccountRecord.DevicesDeleted r ->
          r.devices().forEach(device -> tell(new Session(r.user(), device), NONE));
      default -> {}
    }
  }

  private void tell(Session session, String tokenHash) {
    told.putLast(session, new Told(tokenHash, nowNanos.getAsLong()));
    if (told.size() > max) {
      forgottenNanos = OptionalLong.of(told.pollFirstEntry().getValue().nanos());
    }
  }

  private void put(String tokenHash, Session session, long nanos) {
    byToken.put(tokenHash, new Recent(session, nanos));
    if (byToken.size() > max) {
      byToken.pollFirstEntry();
    }
  }

  @Override
  public synchronized void heardAll(long nanos) {
    heardAllNanos = OptionalLong.of(nanos);
  }
}
