package org.headrace.ingest.client;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.record.PresenceRecord;

/** Says who is there; where presence is switched off, nothing of it. */
@ApplicationScoped
public class Presences {
  /** As for other writes: an answer waits that long for its views (design D4). */
  private static final Duration VISIBLE_WAIT = Duration.ofSeconds(1);

  @Inject EphemeralView ephemeral;
  @Inject Partitions partitions;
  @Inject Writes writes;

  @ConfigProperty(name = "headrace.presence", defaultValue = "true")
  boolean enabled;

  public boolean isEnabled() {
    return enabled;
  }

  /** Publishes it, as a renewal if it says nothing new. */
  public void publish(PresenceRecord said) {
    if (enabled) {
      writes.log().publish(said.after(known(said.user()).orElse(null), writes.now()));
    }
  }

  /** The same; returns when it can be read. */
  public void publishVisibly(PresenceRecord said) {
    publish(said);
    if (enabled) {
      boolean unused = ViewWait.until(() -> isKnown(said), VISIBLE_WAIT);
    }
  }

  private boolean isKnown(PresenceRecord said) {
    return known(said.user()).filter(now -> now.lastActiveTs() >= said.lastActiveTs()).isPresent();
  }

  private Optional<PresenceRecord> known(UserId user) {
    return ephemeral.presence(partitions.ofAccount(user.value()), user);
  }
}
