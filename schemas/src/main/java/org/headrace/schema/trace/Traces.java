package org.headrace.schema.trace;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where spans are recorded. Observes, and never takes part: nothing blocks, throws, or tells what
 * to decide. Safe for many threads.
 */
public interface Traces extends AutoCloseable {
  /** Records nothing; what has come in a trace is passed on as it came. */
  Traces OFF =
      new Traces() {
        @Override
        public boolean isOn() {
          return false;
        }

        @Override
        public Span request(String name) {
          return Span.NONE;
        }

        @Override
        public Span of(String name, @Nullable TraceContext cause, @Nullable String place) {
          return Span.passing(cause);
        }

        @Override
        public void answer(String name, TraceContext cause, Instant begun, Subject subject) {}
      };

  /** Whether any spans are recorded. */
  boolean isOn();

  /** The first span of a new trace, for a request; {@link Span#NONE} where it is not a sample. */
  Span request(String name);

  /**
   * The span of working on a record that has come in a trace; {@link Span#NONE} if it has not.
   *
   * @param place the record's partition and offset: met again, it has the same span
   */
  Span of(String name, @Nullable TraceContext cause, @Nullable String place);

  /** A span that ends now: somebody was answered with what {@code cause} had brought. */
  void answer(String name, TraceContext cause, Instant begun, Subject subject);

  /** Tells what is still to be told, within seconds. */
  @Override
  default void close() {}

  /** Something that takes time. Not for two threads at once. */
  interface Span {
    /** Of nothing. */
    Span NONE = passing(null);

    /** Recorded by nobody: what it causes follows from what caused it. */
    static Span passing(@Nullable TraceContext cause) {
      return () -> cause;
    }

    /** What follows from it carries this; null if it is in no trace. */
    @Nullable TraceContext context();

    /** Another name than it began with. */
    default void name(String name) {}

    /** What it is about; what is not known leaves what was. */
    default void about(Subject subject) {}

    /** It did not succeed. */
    default void failed() {}

    default void end() {}
  }
}
