package org.headrace.topology.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.headrace.core.state.DamagedNodeException;
import org.headrace.schema.log.Position;
import org.headrace.topology.store.BelowFloorException;
import org.junit.jupiter.api.Test;

class ThreadFailureTest {
  private final List<String> alarms = new ArrayList<>();
  private final List<String> ends = new ArrayList<>();
  private final ThreadFailure failure = new ThreadFailure("rooms", alarms::add, ends::add);

  @Test
  void anExceptionReplacesTheThread() {
    var response = failure.handle(new StreamsException("outer", new IllegalStateException("why")));
    assertThat(response).isEqualTo(StreamThreadExceptionResponse.REPLACE_THREAD);
    assertThat(alarms).hasSize(1);
    assertThat(alarms.getFirst()).contains("rooms", "why");
    assertThat(ends).isEmpty();
  }

  @Test
  void anErrorEndsTheProcess() {
    var response = failure.handle(new StreamsException("outer", new OutOfMemoryError("heap")));
    assertThat(response).isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    assertThat(ends).containsExactly("rooms: java.lang.OutOfMemoryError: heap");
    assertThat(alarms).isEmpty();
  }

  @Test
  void aDamagedStoreEndsTheProcessAndSaysWhatToDo() {
    var response =
        failure.handle(new StreamsException(new DamagedNodeException("abc", "is missing")));
    assertThat(response).isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    assertThat(ends).hasSize(1);
    assertThat(ends.getFirst()).contains("node abc is missing", "remove the folder streams");
    assertThat(alarms).isEmpty();
  }

  @Test
  void aStoreThatMustBeRebuiltEndsTheProcessSinceRecoveryRebuildsIt() {
    failure.handle(
        new StreamsException(new BelowFloorException(Position.ofOffset(3), Position.ofOffset(7))));
    assertThat(ends).hasSize(1);
    assertThat(ends.getFirst()).doesNotContain("\n").contains("0/7.0");
  }

  @Test
  void aNameThatAnotherProcessTookEndsThisOne() {
    var response = failure.handle(new StreamsException(new FencedInstanceIdException("taken")));
    assertThat(response).isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    assertThat(ends).hasSize(1);
    assertThat(ends.getFirst()).contains("rooms", "another process has this node's name");
  }
}
