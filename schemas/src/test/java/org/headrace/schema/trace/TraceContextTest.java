package org.headrace.schema.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final TraceContext CONTEXT =
      new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
  private static final String HEADER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private static Headers headers(String value) {
    return new RecordHeaders()
        .add(TraceContext.HEADER, value.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void comesBackFromTheHeaderThatItWasPutInto() {
    Headers headers = new RecordHeaders();
    TraceContext.put(headers, CONTEXT);
    assertThat(new String(headers.lastHeader("traceparent").value(), StandardCharsets.US_ASCII))
        .isEqualTo(HEADER);
    assertThat(TraceContext.of(headers)).isEqualTo(CONTEXT);
  }

  @Test
  void noContextIsNoHeader() {
    Headers headers = new RecordHeaders();
    TraceContext.put(headers, null);
    assertThat(headers).isEmpty();
    assertThat(TraceContext.of(headers)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "\u00ff"
      })
  void whatIsNoHeaderOfOursIsNoTrace(String value) {
    assertThat(TraceContext.of(headers(value))).isNull();
  }

  @Test
  void aRecordThatIsMetAgainHasTheSameSpan() {
    TraceContext once = CONTEXT.at("room.commands-0@7");
    assertThat(once).isEqualTo(CONTEXT.at("room.commands-0@7"));
    assertThat(once.traceId()).isEqualTo(CONTEXT.traceId());
    assertThat(once.spanId()).hasSize(16).isNotEqualTo(CONTEXT.spanId());
    assertThat(once).isNotEqualTo(CONTEXT.at("room.commands-0@8"));
    assertThat(TraceContext.parse(once.header())).contains(once);
  }
}
