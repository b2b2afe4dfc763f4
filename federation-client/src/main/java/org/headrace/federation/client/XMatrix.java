package org.headrace.federation.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.crypto.Ed25519;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;

/**
 * One {@code Authorization} header of the scheme X-Matrix (server-server API, "Request
 * Authentication").
 *
 * @param destination missing from servers before v1.3
 * @param keyId such as {@code ed25519:a_1}
 * @param signature unpadded base64
 */
public record XMatrix(
    ServerName origin, Optional<ServerName> destination, String keyId, String signature) {
  public static final int HEADER_CHARS_MAX = 4_096;
  public static final String SCHEME = "X-Matrix";

  /** {@code tchar} of RFC 9110, and the colon that older servers leave unquoted. */
  private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~:";

  /**
   * What is signed of a request.
   *
   * @param uri path and query as sent
   */
  public record Signed(
      String method, String uri, ServerName origin, ServerName destination, Content content) {}

  /** The JSON body of a request, if it has one. */
  public record Content(Optional<JsonNode> json) {
    public static final Content NONE = new Content(Optional.empty());

    public static Content of(JsonNode json) {
      return new Content(Optional.of(json));
    }
  }

  /** The header's value for a request that goes out. */
  public static String header(Signed request, SigningKey key) {
    byte[] covered = JsonSigner.signedBytes(json(request), CanonicalJson::encodeLenient);
    return SCHEME
        + " origin=\""
        + request.origin()
        + "\",destination=\""
        + request.destination()
        + "\",key=\""
        + key.keyId()
        + "\",sig=\""
        + UnpaddedBase64.encode(key.sign(covered))
        + "\"";
  }

  /** Whether this header's signature is one of the request under this key. */
  public boolean signs(Signed request, byte[] publicKey) {
    try {
      byte[] covered = JsonSigner.signedBytes(json(request), CanonicalJson::encodeLenient);
      return Ed25519.verify(publicKey, covered, UnpaddedBase64.decode(signature));
    } catch (InvalidJsonException e) {
      return false;
    }
  }

  /** Whether the value is of this scheme at all. */
  public static boolean isOne(String header) {
    return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && header.length() > SCHEME.length()
        && header.charAt(SCHEME.length()) == ' ';
  }

  /** Parses a header's value; throws {@link InvalidJsonException} with what is wrong. */
  public static XMatrix parse(String header) {
    if (header.length() > HEADER_CHARS_MAX) {
      throw new InvalidJsonException("the Authorization header is too long");
    }
    if (!isOne(header)) {
      throw new InvalidJsonException("the Authorization header is not of the scheme X-Matrix");
    }
    Map<String, String> parameters = new Parameters(header, SCHEME.length()).read();
    try {
      String destination = parameters.get("destination");
      return new XMatrix(
          new ServerName(required(parameters, "origin")),
          destination == null ? Optional.empty() : Optional.of(new ServerName(destination)),
          required(parameters, "key"),
          required(parameters, "sig"));
    } catch (InvalidIdException e) {
      throw new InvalidJsonException("origin and destination must be server names");
    }
  }

  private static String required(Map<String, String> parameters, String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new InvalidJsonException("the Authorization header lacks " + name);
    }
    return value;
  }

  private static ObjectNode json(Signed request) {
    ObjectNode json = Json.object();
    json.put("method", request.method());
    json.put("uri", request.uri());
    json.put("origin", request.origin().value());
    json.put("destination", request.destination().value());
    request.content().json().ifPresent(content -> json.set("content", content));
    return json;
  }

  /** {@code #auth-param} of RFC 9110, section 11.4. */
  private static final class Parameters {
    private final String text;
    private int at;

    Parameters(String text, int start) {
      this.text = text;
      this.at = start;
    }

    Map<String, String> read() {
      Map<String, String> parameters = new TreeMap<>();
      skipSpace();
      while (at < text.length()) {
        if (text.charAt(at) == ',') {
          at++;
          skipSpace();
          continue;
        }
        String name = token().toLowerCase(Locale.ROOT);
        skipSpace();
        expect('=');
        skipSpace();
        String value = at < text.length() && text.charAt(at) == '"' ? quoted() : token();
        if (parameters.put(name, value) != null) {
          throw new InvalidJsonException("the Authorization header has " + name + " twice");
        }
        skipSpace();
        if (at < text.length()) {
          expect(',');
          skipSpace();
        }
      }
      return parameters;
    }

    private String token() {
      int start = at;
      while (at < text.length() && isTokenChar(text.charAt(at))) {
        at++;
      }
      if (at == start) {
        throw new InvalidJsonException("the Authorization header is malformed");
      }
      return text.substring(start, at);
    }

    private String quoted() {
      StringBuilder value = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          return value.toString();
        }
        if (c == '\\' && ++at == text.length()) {
          break;
        }
        value.append(text.charAt(at));
      }
      throw new InvalidJsonException("the Authorization header has an open quote");
    }

    private void expect(char expected) {
      if (at >= text.length() || text.charAt(at) != expected) {
        throw new InvalidJsonException("the Authorization header is malformed");
      }
      at++;
    }

    private void skipSpace() {
      while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
        at++;
      }
    }

    private static boolean isTokenChar(char c) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || TOKEN_SYMBOLS.indexOf(c) >= 0;
    }
  }
}
