package org.headrace.conformance.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpHeaders;

/** A server's answer, with the request it answers for messages. */
public record Reply(String request, int status, HttpHeaders headers, String text) {

  /** The body of a success; any other status fails the test. */
  public JsonNode ok() {
    if (status != 200) {
      throw new AssertionError(this + ": expected 200");
    }
    return Json.parse(text);
  }

  /** Asserts an error's status and code, and gives its body. */
  public JsonNode fails(int expectedStatus, String errcode) {
    JsonNode body = Json.parse(text);
    if (status != expectedStatus || !body.path("errcode").asText().equals(errcode)) {
      throw new AssertionError(this + ": expected " + expectedStatus + " " + errcode);
    }
    return body;
  }

  @Override
  public String toString() {
    return request
        + " → "
        + status
        + " "
        + (text.length() > 500 ? text.substring(0, 500) + "…" : text);
  }
}
