package org.headrace.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpenFilesTest {
  @Test
  void connectionsLeaveRoomForTheLog() {
    assertThat(OpenFiles.connectionsMax(20_000)).isEqualTo(20_000 - OpenFiles.RESERVED);
    assertThat(OpenFiles.connectionsMax(1_024)).isEqualTo(OpenFiles.CONNECTIONS_MIN);
    assertThat(OpenFiles.connectionsMax(4_096)).isEqualTo(2_048);
    assertThat(OpenFiles.connectionsMax(1L << 40)).isEqualTo(OpenFiles.CONNECTIONS_MAX);
  }

  @Test
  void theProcessesLimitIsRead() {
    assertThat(OpenFiles.connectionsMax())
        .isBetween(OpenFiles.CONNECTIONS_MIN, OpenFiles.CONNECTIONS_MAX);
  }
}
