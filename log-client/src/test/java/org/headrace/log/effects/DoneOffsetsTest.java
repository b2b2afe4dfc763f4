package org.headrace.log.effects;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DoneOffsetsTest {
  @Test
  void nothingIsCommittedPastWhatIsNotDone() {
    DoneOffsets offsets = new DoneOffsets(5);
    assertThat(offsets.committable()).isEqualTo(5);
    offsets.begin(5);
    offsets.begin(6);
    offsets.begin(9);
    offsets.done(6);
    assertThat(offsets.committable()).isEqualTo(5);
    offsets.done(5);
    assertThat(offsets.committable()).isEqualTo(9);
    offsets.done(9);
    assertThat(offsets.committable()).isEqualTo(10);
  }
}
