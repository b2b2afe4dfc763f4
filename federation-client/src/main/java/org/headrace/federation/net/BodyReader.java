package org.headrace.federation.net;

import java.io.IOException;

/**
 * Reads the body of an answer; what it leaves unread is not read. An {@link IOException} of the
 * body must be passed on; {@link org.headrace.core.json.InvalidJsonException} says that the answer
 * is not what it should be.
 */
@FunctionalInterface
public interface BodyReader<T> {
  T read(ResponseHead head, LimitedBody body) throws IOException, FederationException;
}
