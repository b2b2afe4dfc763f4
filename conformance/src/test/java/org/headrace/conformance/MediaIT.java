package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Uploads, downloads and thumbnails. */
@ExtendWith(SharedServer.class)
class MediaIT {
  private static final String UPLOAD = "/_matrix/media/v3/upload";
  private static final String CREATE = "/_matrix/media/v1/create";
  private static final String DOWNLOAD = "/_matrix/client/v1/media/download/";
  private static final String THUMBNAIL = "/_matrix/client/v1/media/thumbnail/";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Client alice;
  private Client bob;
  private URI direct;

  @BeforeEach
  void registerUsers(SharedServer.Server shared) {
    alice = Client.register(shared.baseUrl(), "alice");
    bob = Client.register(shared.baseUrl(), "bob");
    direct = shared.baseUrl();
  }

  private HttpResponse<byte[]> send(
      Client client, String method, String path, String type, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(direct + path))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (!client.token().isEmpty()) {
      request.header("Authorization", "Bearer " + client.token());
    }
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> get(Client client, String path)
      throws IOException, InterruptedException {
    return send(client, "GET", path, "", new byte[0]);
  }

  private static JsonNode json(HttpResponse<byte[]> response) {
    return Json.parse(new String(response.body(), StandardCharsets.UTF_8));
  }

  /** The {@code server/id} of the new media. */
  private String upload(String query, String type, byte[] body) throws Exception {
    HttpResponse<byte[]> response = send(alice, "POST", UPLOAD + query, type, body);
    assertThat(response.statusCode()).isEqualTo(200);
    return json(response).path("content_uri").asText().substring("mxc://".length());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void whatIsUploadedIsDownloadedByOthers() throws Exception {
    String media = upload("?filename=h%C3%A4llo.txt", "text/plain", bytes("hello"));
    HttpResponse<byte[]> got = get(bob, DOWNLOAD + media);
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.body()).isEqualTo(bytes("hello"));
    assertThat(header(got, "Content-Type")).isEqualTo("text/plain");
    assertThat(header(got, "Content-Disposition"))
        .isEqualTo("inline; filename*=utf-8''h%C3%A4llo.txt");
    assertThat(header(got, "Content-Security-Policy")).startsWith("sandbox; default-src 'none';");
    assertThat(header(got, "Cross-Origin-Resource-Policy")).isEqualTo("cross-origin");
    assertThat(header(get(bob, DOWNLOAD + media + "/other.txt"), "Content-Disposition"))
        .isEqualTo("inline; filename=\"other.txt\"");
  }

  @Test
  void aPageIsAnAttachment() throws Exception {
    String media = upload("", "text/html; charset=utf-8", bytes("<script>"));
    HttpResponse<byte[]> got = get(bob, DOWNLOAD + media);
    assertThat(header(got, "Content-Disposition")).isEqualTo("attachment");
    String broken = upload("", "*/*", bytes("x"));
    assertThat(header(get(bob, DOWNLOAD + broken), "Content-Type"))
        .isEqualTo("application/octet-stream");
    assertThat(send(alice, "POST", UPLOAD, "no type at all", bytes("x")).statusCode())
        .isEqualTo(400);
  }

  @Test
  void contentMayComeLater() throws Exception {
    JsonNode created = json(send(alice, "POST", CREATE, "", new byte[0]));
    assertThat(created.path("unused_expires_at").asLong()).isPositive();
    String media = created.path("content_uri").asText().substring("mxc://".length());
    HttpResponse<byte[]> early = get(bob, DOWNLOAD + media + "?timeout_ms=1");
    assertThat(early.statusCode()).isEqualTo(504);
    assertThat(json(early).path("errcode").asText()).isEqualTo("M_NOT_YET_UPLOADED");
    assertThat(send(bob, "PUT", UPLOAD + "/" + media, "text/plain", bytes("b")).statusCode())
        .isEqualTo(403);
    CompletableFuture<HttpResponse<byte[]>> waiting =
        HTTP.sendAsync(
            HttpRequest.newBuilder(URI.create(direct + DOWNLOAD + media))
                .header("Authorization", "Bearer " + bob.token())
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(send(alice, "PUT", UPLOAD + "/" + media, "text/plain", bytes("a")).statusCode())
        .isEqualTo(200);
    assertThat(waiting.join().body()).isEqualTo(bytes("a"));
    HttpResponse<byte[]> again = send(alice, "PUT", UPLOAD + "/" + media, "", bytes("c"));
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(json(again).path("errcode").asText()).isEqualTo("M_CANNOT_OVERWRITE_MEDIA");
  }

  @Test
  void uploadsAreBounded() throws Exception {
    long max = json(get(alice, "/_matrix/client/v1/media/config")).path("m.upload.size").asLong();
    String media = upload("", "application/octet-stream", new byte[5 << 20]);
    assertThat(get(bob, DOWNLOAD + media).body()).hasSize(5 << 20);
    HttpResponse<byte[]> tooLarge = send(alice, "POST", UPLOAD, "", new byte[(int) max + 1]);
    assertThat(tooLarge.statusCode()).isEqualTo(413);
    assertThat(json(tooLarge).path("errcode").asText()).isEqualTo("M_TOO_LARGE");
    HttpResponse<byte[]> nobody =
        send(Client.nobody(direct), "POST", UPLOAD, "", new byte[2 << 20]);
    assertThat(nobody.statusCode()).isEqualTo(401);
  }

  @Test
  void picturesHaveThumbnails() throws Exception {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(800, 600, BufferedImage.TYPE_INT_RGB), "png", png);
    String media = upload("", "image/png", png.toByteArray());
    HttpResponse<byte[]> got = get(bob, THUMBNAIL + media + "?width=32&height=32&method=crop");
    assertThat(header(got, "Content-Type")).isEqualTo("image/png");
    assertThat(header(got, "Content-Disposition")).isEqualTo("inline; filename=\"thumbnail.png\"");
    BufferedImage thumbnail = ImageIO.read(new ByteArrayInputStream(got.body()));
    assertThat(thumbnail.getWidth()).isEqualTo(32);
    String text = upload("", "image/png", bytes("no picture"));
    assertThat(get(bob, THUMBNAIL + text + "?width=32&height=32").statusCode()).isEqualTo(400);
    for (String query :
        new String[] {
          "", "?width=0&height=1", "?width=x&height=1", "?width=1&height=1&method=stretch"
        }) {
      assertThat(get(bob, THUMBNAIL + media + query).statusCode()).as(query).isEqualTo(400);
    }
  }

  @Test
  void nothingIsFoundElsewhere() throws Exception {
    String media = upload("", "text/plain", bytes("hello"));
    for (String path :
        new String[] {
          DOWNLOAD + alice.serverName() + "/nothing",
          DOWNLOAD + alice.serverName() + "/..%2F..%2Fkeys",
          DOWNLOAD + "not%20a%20name/" + "x",
          "/_matrix/media/v3/download/" + media,
          "/_matrix/media/v3/thumbnail/" + media + "?width=1&height=1"
        }) {
      HttpResponse<byte[]> got = get(bob, path);
      assertThat(got.statusCode()).as(path).isEqualTo(404);
      assertThat(json(got).path("errcode").asText()).isEqualTo("M_NOT_FOUND");
    }
    assertThat(get(Client.nobody(direct), DOWNLOAD + media).statusCode()).isEqualTo(401);
  }
}
