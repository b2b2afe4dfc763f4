package org.headrace.core.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.pattern.Glob;
import org.headrace.core.pattern.PropertyPath;

/** Identifiers and patterns. */
final class TextTargets {
  /** Longer patterns make the regular expressions that are the oracle too slow. */
  private static final int ORACLE_CHARS_MAX = 24;

  private TextTargets() {}

  static void identifiers(byte[] input) {
    String text = new String(input, UTF_8);
    isParsed(UserId::new, text);
    isParsed(RoomId::new, text);
    isParsed(RoomAlias::new, text);
    isParsed(EventId::new, text);
    isParsed(ServerName::new, text);
    isParsed(DeviceId::new, text);
    try {
      UserId user = new UserId(text);
      Checks.equal(UserId.of(user.localpart(), user.server()), user);
      new EventId("$" + text.substring(1)).server().orElseThrow();
    } catch (InvalidIdException e) {
      // Most texts are none.
    }
    PropertyPath.names(text);
  }

  private static void isParsed(Function<String, Object> parser, String text) {
    try {
      Checks.equal(parser.apply(text).toString(), text);
    } catch (InvalidIdException e) {
      Checks.that(!e.getMessage().isEmpty(), "an error says what is wrong");
    }
  }

  /** Pattern and text, parted by a zero; compared with regular expressions where these can be. */
  static void globs(byte[] input) {
    String both = new String(input, UTF_8);
    int split = Math.max(0, both.indexOf('\0'));
    String pattern = both.substring(0, split);
    String text = both.substring(split);
    boolean whole = Glob.matches(pattern, text);
    boolean words = Glob.matchesWords(pattern, text);
    boolean literal = Glob.containsWords(pattern, text);
    boolean wildcards = Glob.matchesWildcards(pattern, text);
    Checks.that(!whole || words, "what matches the whole matches a part");
    if (pattern.length() > ORACLE_CHARS_MAX || text.length() > 4 * ORACLE_CHARS_MAX) {
      return;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    String expression = expression(pattern.toLowerCase(Locale.ROOT), true);
    Checks.equal(whole, Pattern.compile(expression, Pattern.DOTALL).matcher(lower).matches());
    Checks.equal(
        wildcards,
        Pattern.compile(expression(pattern, false), Pattern.DOTALL).matcher(text).matches());
    Checks.equal(words, hasWords(expression, lower));
    Checks.equal(literal, hasWords(Pattern.quote(pattern.toLowerCase(Locale.ROOT)), lower));
  }

  private static boolean hasWords(String expression, String text) {
    String bound = "(?:^|$|(?<![A-Za-z0-9_])|(?![A-Za-z0-9_]))";
    return Pattern.compile(bound + "(?:" + expression + ")" + bound, Pattern.DOTALL)
        .matcher(text)
        .find();
  }

  /** Without repeated stars, which mean no more than one and make a regular expression slow. */
  private static String expression(String pattern, boolean questionMarks) {
    StringBuilder expression = new StringBuilder();
    pattern
        .replaceAll("\\*+", "*")
        .codePoints()
        .forEach(
            c -> {
              if (c == '*') {
                expression.append(".*");
              } else if (c == '?' && questionMarks) {
                expression.append('.');
              } else {
                expression.append(Pattern.quote(Character.toString(c)));
              }
            });
    return expression.toString();
  }
}
