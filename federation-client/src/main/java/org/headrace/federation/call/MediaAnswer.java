package org.headrace.federation.call;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.fileupload.FileUploadBase;
import org.apache.commons.fileupload.MultipartStream;
import org.apache.commons.fileupload.ParameterParser;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.LimitedBody;
import org.headrace.federation.net.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code multipart/mixed} of a media download: a part of JSON, then the media, or where
 * it is (server-server API, "Content Repository").
 */
final class MediaAnswer {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int BOUNDARY_CHARS_MAX = 70;

  private MediaAnswer() {}

  /** What the sink made of the media, or where it is. */
  record Result<T>(@Nullable T made, @Nullable URI location) {}

  static <T> Result<T> read(ResponseHead head, LimitedBody body, MediaPart.Sink<T> sink)
      throws IOException, FederationException {
    try {
      MultipartStream parts =
          new MultipartStream(
              body, boundary(head).getBytes(StandardCharsets.US_ASCII), BUFFER_BYTES, null);
      if (!parts.skipPreamble()) {
        throw Answers.bad("the answer has no parts");
      }
      parts.readHeaders();
      parts.discardBodyData();
      if (!parts.readBoundary()) {
        throw Answers.bad("the answer has no second part");
      }
      Function<String, Optional<String>> header = headers(parts.readHeaders());
      Optional<String> location = header.apply("location");
      if (location.isPresent()) {
        return new Result<>(null, URI.create(location.get()));
      }
      return new Result<>(sink.take(part(header, out -> copy(parts, out))), null);
    } catch (MultipartStream.MalformedStreamException
        | MultipartStream.IllegalBoundaryException
        | FileUploadBase.FileUploadIOException
        | IllegalArgumentException e) {
      throw Answers.bad("the answer is no multipart that can be read");
    }
  }

  /** The media that an address holds which a server named. */
  static MediaPart direct(ResponseHead head, LimitedBody body) {
    return part(head::header, body::transferTo);
  }

  private static MediaPart part(Function<String, Optional<String>> header, MediaPart.Bytes bytes) {
    return new MediaPart(
        header.apply("content-type").orElse(MediaPart.OCTETS),
        header.apply("content-disposition").flatMap(text -> parameter(text, "filename")),
        bytes);
  }

  private static void copy(MultipartStream parts, OutputStream out) throws IOException {
    parts.readBodyData(out);
  }

  private static String boundary(ResponseHead head) throws FederationException {
    return head.header("content-type")
        .filter(type -> type.regionMatches(true, 0, "multipart/mixed", 0, 15))
        .flatMap(type -> parameter(type, "boundary"))
        .filter(boundary -> boundary.length() <= BOUNDARY_CHARS_MAX)
        .orElseThrow(() -> Answers.bad("the answer is no multipart/mixed"));
  }

  private static Optional<String> parameter(String header, String name) {
    ParameterParser parser = new ParameterParser();
    parser.setLowerCaseNames(true);
    Map<String, String> parameters = parser.parse(header, ';');
    return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
  }

  /** Of the lines of a part's head, the first with this name, in any case. */
  private static Function<String, Optional<String>> headers(String lines) {
    return name ->
        lines
            .lines()
            .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
            .map(line -> line.substring(name.length() + 1).strip())
            .findFirst();
  }
}
