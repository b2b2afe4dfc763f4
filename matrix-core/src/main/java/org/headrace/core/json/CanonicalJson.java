package org.headrace.core.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Canonical JSON: the shortest UTF-8 encoding with members sorted by Unicode code point and
 * integers in [-(2^53)+1, (2^53)-1] (spec appendices, "Canonical JSON"). What is hashed and signed.
 *
 * <p>The lenient form is for events of room versions 1 to 5, which "might not be fully compliant":
 * integers of any size stay as they are, floats are written as the servers of that time wrote them
 * (Python's shortest repr), since hashes were made of those bytes.
 */
public final class CanonicalJson {
  /** Largest absolute value of an integer in canonical JSON. */
  public static final long INTEGER_MAX = (1L << 53) - 1;

  /** Sorts by Unicode code point, which differs from String's order above the surrogates. */
  public static final Comparator<String> CODE_POINT_ORDER = CanonicalJson::compareCodePoints;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final BigInteger MAX = BigInteger.valueOf(INTEGER_MAX);

  /** Decimal exponents outside of which Python writes a float with an exponent. */
  private static final int FIXED_EXPONENT_MIN = -4;

  private static final int FIXED_EXPONENT_MAX = 16;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
  private final boolean strict;

  private CanonicalJson(boolean strict) {
    this.strict = strict;
  }

  /**
   * Encodes strictly. A number written with an exponent is normalised if it is an allowed integer;
   * anything else outside of canonical JSON throws {@link InvalidJsonException}.
   */
  public static byte[] encode(JsonNode node) {
    CanonicalJson encoder = new CanonicalJson(true);
    encoder.write(node);
    return encoder.out.toByteArray();
  }

  /**
   * Encodes what room versions 1 to 5 may hold; only lone surrogates and numbers beyond the largest
   * double throw.
   */
  public static byte[] encodeLenient(JsonNode node) {
    CanonicalJson encoder = new CanonicalJson(false);
    encoder.write(node);
    return encoder.out.toByteArray();
  }

  /**
   * Throws {@link InvalidJsonException} unless the value, as it was written, is within canonical
   * JSON: integers in range without exponent or fraction, no lone surrogates. This is what room
   * versions from 6 on enforce on events.
   */
  public static void requireCanonical(JsonNode node) {
    switch (node.getNodeType()) {
      case OBJECT -> {
        for (Map.Entry<String, JsonNode> member : node.properties()) {
          requireScalars(member.getKey());
          requireCanonical(member.getValue());
        }
      }
      case ARRAY -> {
        for (JsonNode entry : node) {
          requireCanonical(entry);
        }
      }
      case STRING -> requireScalars(node.textValue());
      case NUMBER -> {
        if (!node.isIntegralNumber()) {
          throw new InvalidJsonException("a number must be an integer here, without an exponent");
        }
        requireInRange(node);
      }
      case BOOLEAN, NULL -> {}
      case BINARY, MISSING, POJO -> throw new InvalidJsonException("not a JSON value");
    }
  }

  private void write(JsonNode node) {
    switch (node.getNodeType()) {
      case OBJECT -> writeObject(node);
      case ARRAY -> {
        out.write('[');
        for (int i = 0; i < node.size(); i++) {
          if (i > 0) {
            out.write(',');
          }
          write(node.get(i));
        }
        out.write(']');
      }
      case STRING -> writeString(node.textValue());
      case NUMBER -> writeAscii(strict ? strictNumber(node) : lenientNumber(node));
      case BOOLEAN -> writeAscii(node.booleanValue() ? "true" : "false");
      case NULL -> writeAscii("null");
      case BINARY, MISSING, POJO -> throw new InvalidJsonException("not a JSON value");
    }
  }

  private void writeObject(JsonNode node) {
    List<Map.Entry<String, JsonNode>> members = new ArrayList<>(node.properties());
    members.sort(Map.Entry.comparingByKey(CODE_POINT_ORDER));
    out.write('{');
    boolean first = true;
    for (Map.Entry<String, JsonNode> member : members) {
      if (!first) {
        out.write(',');
      }
      first = false;
      writeString(member.getKey());
      out.write(':');
      write(member.getValue());
    }
    out.write('}');
  }

  private void writeString(String value) {
    out.write('"');
    int start = 0;
    int length = value.length();
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
        continue;
      }
      writeAscii(value.substring(start, i));
      if (c < 0x80) {
        writeEscape(c);
      } else if (Character.isSurrogate(c)) {
        if (!isPair(value, i)) {
          throw loneSurrogate();
        }
        out.writeBytes(value.substring(i, i + 2).getBytes(StandardCharsets.UTF_8));
        i++;
      } else {
        out.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
      start = i + 1;
    }
    writeAscii(value.substring(start));
    out.write('"');
  }

  private void writeEscape(char c) {
    out.write('\\');
    switch (c) {
      case '"', '\\' -> out.write(c);
      case '\b' -> out.write('b');
      case '\t' -> out.write('t');
      case '\n' -> out.write('n');
      case '\f' -> out.write('f');
      case '\r' -> out.write('r');
      default -> {
        writeAscii("u00");
        out.write(HEX[c >> 4]);
        out.write(HEX[c & 15]);
      }
    }
  }

  private void writeAscii(String value) {
    if (!value.isEmpty()) {
      out.writeBytes(value.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static String strictNumber(JsonNode number) {
    if (number.isIntegralNumber()) {
      requireInRange(number);
      return number.asText();
    }
    double approximate = number.doubleValue();
    if (!(Math.abs(approximate) <= INTEGER_MAX)) {
      throw outOfRange();
    }
    BigDecimal value = number.decimalValue().stripTrailingZeros();
    if (value.scale() > 0) {
      throw new InvalidJsonException("a number must be an integer here");
    }
    if (value.toBigInteger().abs().compareTo(MAX) > 0) {
      throw outOfRange();
    }
    return value.toBigInteger().toString();
  }

  private static String lenientNumber(JsonNode number) {
    return number.isIntegralNumber() ? number.asText() : pythonRepr(number.doubleValue());
  }

  private static String pythonRepr(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new InvalidJsonException("a number must be finite");
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= FIXED_EXPONENT_MIN && exponent < FIXED_EXPONENT_MAX) {
      String plain = shortest.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = shortest.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    String sign = value < 0 ? "-" : "";
    String magnitude = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
    return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + magnitude;
  }

  private static void requireInRange(JsonNode number) {
    boolean inRange =
        number.canConvertToLong()
            ? Math.abs(number.longValue()) <= INTEGER_MAX && number.longValue() != Long.MIN_VALUE
            : number.bigIntegerValue().abs().compareTo(MAX) <= 0;
    if (!inRange) {
      throw outOfRange();
    }
  }

  private static void requireScalars(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (Character.isSurrogate(value.charAt(i))) {
        if (!isPair(value, i)) {
          throw loneSurrogate();
        }
        i++;
      }
    }
  }

  private static boolean isPair(String value, int high) {
    return high + 1 < value.length()
        && Character.isSurrogatePair(value.charAt(high), value.charAt(high + 1));
  }

  private static int compareCodePoints(String left, String right) {
    int length = Math.min(left.length(), right.length());
    for (int i = 0; i < length; i++) {
      char a = left.charAt(i);
      char b = right.charAt(i);
      if (a != b) {
        boolean surrogateA = Character.isSurrogate(a);
        boolean surrogateB = Character.isSurrogate(b);
        // A surrogate stands for a code point above all others.
        return surrogateA == surrogateB ? Character.compare(a, b) : (surrogateA ? 1 : -1);
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  private static InvalidJsonException outOfRange() {
    return new InvalidJsonException("an integer must be between -(2^53)+1 and (2^53)-1");
  }

  private static InvalidJsonException loneSurrogate() {
    return new InvalidJsonException("a string may not hold a lone surrogate");
  }
}
