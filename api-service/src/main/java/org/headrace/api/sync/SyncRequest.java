package org.headrace.api.sync;

import java.time.Duration;
import java.util.Optional;
import org.headrace.core.filter.SyncFilter;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.record.Presence;

/**
 * A request to /sync, parsed.
 *
 * @param since empty: an initial sync
 * @param stateAfter {@code use_state_after}: state up to the end of the timeline, not to its start
 * @param setPresence what the client says that its user is; OFFLINE: nothing
 */
public record SyncRequest(
    AccountsView.Session session,
    Optional<SyncToken> since,
    SyncFilter filter,
    boolean fullState,
    boolean stateAfter,
    Duration timeout,
    Presence setPresence) {

  /** Longest wait; longer ones are cut to it. */
  public static final Duration TIMEOUT_MAX = Duration.ofSeconds(120);
}
