package org.headrace.ingest.client;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.headrace.core.id.UserId;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.junit.jupiter.api.Test;

class PresencesTest {
  private static final PresenceRecord ONLINE =
      PresenceRecord.of(new UserId("@alice:one.test"), Presence.ONLINE, null, null, 1, 2);

  @Test
  void whereItIsOffNeitherLogNorViewsAreAsked() {
    // Without either.
    Presences presences = new Presences();
    presences.enabled = false;
    assertThatCode(() -> presences.publish(ONLINE)).doesNotThrowAnyException();
    assertThatCode(() -> presences.publishVisibly(ONLINE)).doesNotThrowAnyException();
  }
}
