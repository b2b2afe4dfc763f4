package org.headrace.http;

import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.log.publish.BusyException;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.projections.view.ViewsUnavailableException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns what Resources throw into standard error responses. Nothing shows a stack trace. */
public final class ErrorMapper {
  /** When to ask again while too many requests wait. */
  private static final long BUSY_RETRY_MILLIS = 2_000;

  private static final Logger LOG = Logger.getLogger(ErrorMapper.class);

  @ServerExceptionMapper
  public Response matrix(MatrixError error) {
    return Replies.error(error);
  }

  @ServerExceptionMapper
  public Response json(InvalidJsonException e) {
    return Replies.error(new MatrixError(400, "M_NOT_JSON", message(e)));
  }

  @ServerExceptionMapper
  public Response id(InvalidIdException e) {
    return Replies.error(MatrixError.invalidParam(message(e)));
  }

  @ServerExceptionMapper
  public Response noAnswer(NoAnswerException e) {
    LOG.warnf("No answer in time: %s", e.getMessage());
    return Replies.error(
        new MatrixError(
            504,
            "M_UNKNOWN",
            "The server took too long and may still do it: check, or repeat the request"));
  }

  @ServerExceptionMapper
  public Response busy(BusyException e) {
    return Replies.error(MatrixError.limitExceeded(BUSY_RETRY_MILLIS));
  }

  @ServerExceptionMapper
  public Response viewsUnavailable(ViewsUnavailableException e) {
    LOG.warnf("A request cannot be answered now: %s", e.getMessage());
    return Replies.error(
        new MatrixError(
            503,
            "M_UNKNOWN",
            "The server cannot read its views now: repeat the request in a while"));
  }

  @ServerExceptionMapper
  public Response unknownPath(NotFoundException e) {
    return Replies.error(MatrixError.unrecognized());
  }

  @ServerExceptionMapper
  public Response unknownMethod(NotAllowedException e) {
    return Replies.error(
        new MatrixError(405, "M_UNRECOGNIZED", "This path does not serve this method"));
  }

  @ServerExceptionMapper
  public Response web(WebApplicationException e) {
    int status = e.getResponse().getStatus();
    if (status >= 500) {
      return unexpected(e);
    }
    return Replies.error(new MatrixError(status, "M_UNKNOWN", "The request cannot be served"));
  }

  @ServerExceptionMapper
  public Response unexpected(Throwable e) {
    LOG.error("A request failed by an error of the server", e);
    return Replies.error(new MatrixError(500, "M_UNKNOWN", "The server failed; its log says why"));
  }

  private static String message(Exception e) {
    String message = e.getMessage();
    return message == null ? "The request is not valid" : message;
  }
}
