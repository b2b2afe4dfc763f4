package org.headrace.ingest.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.headrace.core.json.Json;
import org.headrace.http.MatrixError;

/** How large what clients store may be. All sizes are bytes of UTF-8. */
public final class Sizes {
  /** Names of types, transactions, fields and the like. */
  public static final int NAME_BYTES_MAX = 255;

  public static final int DEVICE_NAME_BYTES_MAX = 256;
  public static final int PASSWORD_BYTES_MAX = 512;
  public static final int PROFILE_VALUE_BYTES_MAX = 1024;
  public static final int REASON_BYTES_MAX = 4096;
  public static final int FILTER_BYTES_MAX = 64 * 1024;

  /** The content of an event, whose whole may have as much (client-server API, "Size limits"). */
  public static final int CONTENT_BYTES_MAX = 65_536;

  /** What becomes one command: fits into a record of the log with room to spare. */
  public static final int COMMAND_BYTES_MAX = 640 * 1024;

  private Sizes() {}

  /** Throws M_TOO_LARGE if the JSON is larger. */
  public static void require(JsonNode json, int bytesMax, String noun) {
    if (Json.bytes(json).length > bytesMax) {
      throw MatrixError.tooLarge(noun + " may have " + bytesMax + " bytes at most");
    }
  }

  /** Throws M_INVALID_PARAM if the name is empty or longer than {@link #NAME_BYTES_MAX}. */
  public static String requireName(String value, String noun) {
    if (value.isEmpty() || value.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
      throw MatrixError.invalidParam(noun + " must have 1 to " + NAME_BYTES_MAX + " bytes");
    }
    return value;
  }
}
