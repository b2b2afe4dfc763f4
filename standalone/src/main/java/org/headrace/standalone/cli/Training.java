package org.headrace.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.headrace.core.json.Json;

/**
 * The run that makes the JVM's AOT cache: does once what clients do often, so that the cache holds
 * the classes and profiles of it, and ends the process. On a data folder of its own.
 */
final class Training {
  private static final int MESSAGES = 200;

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI base;
  private String token = "";

  private Training(int port) {
    base = URI.create("http://127.0.0.1:" + port + "/_matrix/client/");
  }

  /** Starts beside the serving thread; the process exits with 0 if all was answered. */
  static void start(int port) {
    Thread.ofPlatform()
        .name("training")
        .start(
            () -> {
              int exit = Main.EXIT_FAILED;
              try {
                new Training(port).run();
                exit = 0;
              } catch (IOException e) {
                System.err.println("headrace: training failed: " + e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                Quarkus.asyncExit(exit);
              }
            });
  }

  private void run() throws IOException, InterruptedException {
    call("GET", "versions", "");
    String login =
        "{\"username\":\"training\",\"password\":\"training\",\"auth\":{\"type\":\"m.login.dummy\"}}";
    token = call("POST", "v3/register", login).path("access_token").asText();
    String room =
        call("POST", "v3/createRoom", "{\"preset\":\"public_chat\"}").path("room_id").asText();
    String since = call("GET", "v3/sync", "").path("next_batch").asText();
    for (int i = 0; i < MESSAGES; i++) {
      call(
          "PUT",
          "v3/rooms/" + room + "/send/m.room.message/" + i,
          "{\"msgtype\":\"m.text\",\"body\":\"message " + i + "\"}");
      since = call("GET", "v3/sync?since=" + since, "").path("next_batch").asText();
    }
    call("GET", "v3/rooms/" + room + "/messages?dir=b&limit=50", "");
    call("GET", "v3/rooms/" + room + "/members", "");
  }

  private JsonNode call(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path.replace("!", "%21").replace(":", "%3A")))
            .method(method, HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<byte[]> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IOException(method + " " + path + " was answered with " + response.statusCode());
    }
    return Json.parse(response.body());
  }
}
