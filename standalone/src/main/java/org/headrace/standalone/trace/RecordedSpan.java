package org.headrace.standalone.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import org.headrace.schema.trace.Subject;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;

/** A span that is sent when it ends. */
record RecordedSpan(Span span) implements Traces.Span {
  private static final AttributeKey<String> ROOM = AttributeKey.stringKey("matrix.room_id");
  private static final AttributeKey<String> EVENT = AttributeKey.stringKey("matrix.event_id");

  /** The span of another process, to be a parent. */
  static Span remote(SpanContext context) {
    return Span.wrap(context);
  }

  @Override
  public TraceContext context() {
    SpanContext context = span.getSpanContext();
    return new TraceContext(context.getTraceId(), context.getSpanId());
  }

  @Override
  public void name(String name) {
    span.updateName(name);
  }

  @Override
  public void about(Subject subject) {
    if (subject.room() != null) {
      span.setAttribute(ROOM, subject.room().value());
    }
    if (subject.event() != null) {
      span.setAttribute(EVENT, subject.event().value());
    }
  }

  @Override
  public void failed() {
    span.setStatus(StatusCode.ERROR);
  }

  @Override
  public void end() {
    span.end();
  }
}
