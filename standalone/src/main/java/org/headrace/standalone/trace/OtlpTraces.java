package org.headrace.standalone.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.headrace.schema.trace.Subject;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;
import org.jspecify.annotations.Nullable;

/**
 * Spans that are sent to a collector by OTLP over HTTP, in batches, on a thread of its own. Those
 * that it does not take in time are dropped.
 */
public final class OtlpTraces implements Traces {
  private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration BATCH_DELAY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(3);

  private final SpanIds ids = new SpanIds();
  private final SdkTracerProvider provider;
  private final Tracer tracer;

  /**
   * @param endpoint takes OTLP in protobuf
   * @param ratio of requests that are traced, 0 to 1
   * @param node this process's name among those of its deployment
   */
  public OtlpTraces(URI endpoint, double ratio, String version, String node) {
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(endpoint.toString())
            .setTimeout(EXPORT_TIMEOUT)
            .setConnectTimeout(EXPORT_TIMEOUT)
            .build();
    provider =
        SdkTracerProvider.builder()
            .setIdGenerator(ids)
            .setResource(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "headrace",
                        AttributeKey.stringKey("service.version"),
                        version,
                        AttributeKey.stringKey("service.instance.id"),
                        node)))
            // What has come in a trace was sampled where that began.
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(ratio)))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter).setScheduleDelay(BATCH_DELAY).build())
            .build();
    tracer = provider.get("org.headrace", version);
  }

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public Traces.Span request(String name) {
    var span = tracer.spanBuilder(name).setNoParent().setSpanKind(SpanKind.SERVER).startSpan();
    return span.getSpanContext().isSampled() ? new RecordedSpan(span) : Traces.Span.NONE;
  }

  @Override
  public Traces.Span of(String name, @Nullable TraceContext cause, @Nullable String place) {
    if (cause == null) {
      return Traces.Span.NONE;
    }
    SpanBuilder builder = child(name, cause);
    return new RecordedSpan(
        place == null
            ? builder.startSpan()
            : ids.with(cause.at(place).spanId(), builder::startSpan));
  }

  @Override
  public void answer(String name, TraceContext cause, Instant begun, Subject subject) {
    RecordedSpan span = new RecordedSpan(child(name, cause).setStartTimestamp(begun).startSpan());
    span.about(subject);
    span.end();
  }

  private SpanBuilder child(String name, TraceContext cause) {
    SpanContext parent =
        SpanContext.createFromRemoteParent(
            cause.traceId(), cause.spanId(), TraceFlags.getSampled(), TraceState.getDefault());
    return tracer
        .spanBuilder(name)
        .setParent(Context.root().with(RecordedSpan.remote(parent)))
        .setSpanKind(SpanKind.CONSUMER);
  }

  /** Sends what is still to be sent, for a few seconds at most. */
  @Override
  public void close() {
    provider.shutdown().join(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
