package org.headrace.federation.call;

import java.time.Duration;
import java.util.Objects;
import org.headrace.core.id.MediaId;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** Media that other servers hold (server-server API, "Content Repository"). */
public final class Media {
  /** What the heads of parts and the answer's form have beside the media. */
  private static final long FORM_BYTES_MAX = 65_536;

  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration TRANSFER_MAX = Duration.ofMinutes(5);

  private final FederationClient client;

  public Media(FederationClient client) {
    this.client = client;
  }

  /**
   * {@code GET /media/download}. Where the server names another address that holds the media, that
   * is asked, without a signature.
   *
   * @param wait how long the server may wait for media that are being uploaded to it
   * @param bytesMax of the media; more is BAD_RESPONSE, unless the sink refuses before
   */
  public <T> T download(
      Link link, MediaId media, Duration wait, long bytesMax, MediaPart.Sink<T> sink)
      throws FederationException {
    Target target =
        Target.of("/_matrix/federation/v1/media/download")
            .segment(media)
            .query("timeout_ms", wait.toMillis());
    CallLimits limits =
        new CallLimits(TRANSFER_MAX.plus(wait), IDLE.plus(wait), bytesMax + FORM_BYTES_MAX);
    MediaAnswer.Result<T> answer =
        client.call(
            FederationRequest.get(link, target),
            limits,
            (head, body) -> MediaAnswer.read(head, body, sink));
    if (answer.location() != null) {
      return client.fetch(
          link.tenant(),
          answer.location(),
          limits,
          (head, body) -> sink.take(MediaAnswer.direct(head, body)));
    }
    return Objects.requireNonNull(answer.made());
  }
}
