package org.headrace.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import org.headrace.core.json.Json;

/**
 * A request's standard error response (client-server API, "Standard error response"): thrown by
 * Resources, answered by {@link ErrorMapper}. Cheap: it has no stack trace.
 */
public final class MatrixError extends RuntimeException {
  private final int status;
  private final String errcode;
  private final transient ObjectNode body;

  private MatrixError(int status, String errcode, String message, ObjectNode body) {
    super(message, null, false, false);
    this.status = status;
    this.errcode = errcode;
    this.body = body;
  }

  /** {@code message} is shown to people and holds no secrets. */
  public MatrixError(int status, String errcode, String message) {
    this(status, errcode, message, Json.object().put("errcode", errcode).put("error", message));
  }

  public static MatrixError forbidden(String message) {
    return new MatrixError(403, "M_FORBIDDEN", message);
  }

  public static MatrixError notFound(String message) {
    return new MatrixError(404, "M_NOT_FOUND", message);
  }

  public static MatrixError badJson(String message) {
    return new MatrixError(400, "M_BAD_JSON", message);
  }

  public static MatrixError missingParam(String message) {
    return new MatrixError(400, "M_MISSING_PARAM", message);
  }

  public static MatrixError invalidParam(String message) {
    return new MatrixError(400, "M_INVALID_PARAM", message);
  }

  public static MatrixError tooLarge(String message) {
    return new MatrixError(413, "M_TOO_LARGE", message);
  }

  public static MatrixError unrecognized() {
    return new MatrixError(404, "M_UNRECOGNIZED", "This server does not serve this path");
  }

  public static MatrixError missingToken() {
    return new MatrixError(401, "M_MISSING_TOKEN", "An access token is needed");
  }

  public static MatrixError unknownToken() {
    return new MatrixError(401, "M_UNKNOWN_TOKEN", "The access token is not known, or has ended")
        .with("soft_logout", false);
  }

  public static MatrixError limitExceeded(long retryAfterMillis) {
    return new MatrixError(429, "M_LIMIT_EXCEEDED", "Too many requests: wait, then try again")
        .with("retry_after_ms", retryAfterMillis);
  }

  /** The same error with a further member of its body. */
  public MatrixError with(String member, Object value) {
    ObjectNode more = body.deepCopy();
    more.set(member, Json.MAPPER.valueToTree(value));
    return new MatrixError(status, errcode, Objects.requireNonNull(getMessage()), more);
  }

  /** The same error without a member of its body. */
  public MatrixError without(String member) {
    ObjectNode less = body.deepCopy();
    less.remove(member);
    return new MatrixError(status, errcode, Objects.requireNonNull(getMessage()), less);
  }

  public int status() {
    return status;
  }

  public String errcode() {
    return errcode;
  }

  /** The response's JSON. */
  public ObjectNode body() {
    return body;
  }
}
