package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What people say in rooms, by number: mostly short texts (log-normal, median 35 characters, mean
 * about 60, 4,000 at most) of words that come as often as words do; replies, formatted texts,
 * reactions, pictures, now and then a topic or a new name. In every fourth room all but state and
 * reactions is encrypted. The same seed and number say the same.
 */
final class Conversation {
  private static final int VOCABULARY = 4_000;
  private static final double TEXT_MEDIAN = 35;
  private static final double TEXT_SIGMA = 1.05;
  private static final int TEXT_MAX = 4_000;
  private static final int ENCRYPTED_EVERY = 4;
  private static final double STATE = 0.01;
  private static final double REACTION = 0.10;
  private static final double PICTURE = 0.02;
  private static final double REPLY = 0.15;
  private static final double FORMATTED = 0.10;
  private static final String[] REACTIONS = {"👍", "❤️", "😂", "🎉", "👀"};

  /** Of a Megolm message around its ciphertext: counter, MAC and signature; Megolm pads to 16. */
  private static final int MEGOLM_BYTES = 76;

  /** The part of an encrypted event that is not its content: room id and type. */
  private static final int PAYLOAD_BYTES = 90;

  private static final int SESSION_ID_BYTES = 32;
  private static final int PICTURE_BYTES_MAX = 3_000_000;

  /** An event to be sent; a state event if it has a state key. */
  record Said(String type, @Nullable String stateKey, ObjectNode content) {}

  private final long seed;
  private final String[] words = new String[VOCABULARY];

  Conversation(long seed) {
    this.seed = seed;
    Random random = new Random(seed);
    for (int w = 0; w < VOCABULARY; w++) {
      // What comes often is short.
      int length = 2 + random.nextInt(3 + w * 7 / VOCABULARY);
      StringBuilder word = new StringBuilder();
      for (int c = 0; c < length; c++) {
        String letters = c % 2 == 0 ? "bcdfghklmnprstw" : "aeiou";
        word.append(letters.charAt(random.nextInt(letters.length())));
      }
      words[w] = word.toString();
    }
  }

  /**
   * The event of a number in a room.
   *
   * @param newest an event of the room, to answer or react to; null if there is none yet
   * @param userId who speaks
   * @param isCreator whether they may change the topic
   */
  Said at(long number, int room, @Nullable String newest, String userId, boolean isCreator) {
    Random random = new Random(seed ^ (number * 0x9E3779B97F4A7C15L));
    double what = random.nextDouble();
    ObjectNode content = Homeserver.JSON.createObjectNode();
    if (what < STATE) {
      return isCreator
          ? new Said("m.room.topic", "", content.put("topic", text(random)))
          : new Said(
              "m.room.member",
              userId,
              content.put("membership", "join").put("displayname", text(random)));
    }
    if (what < STATE + REACTION && newest != null) {
      content
          .putObject("m.relates_to")
          .put("rel_type", "m.annotation")
          .put("event_id", newest)
          .put("key", REACTIONS[random.nextInt(REACTIONS.length)]);
      return new Said("m.reaction", null, content);
    }
    if (what < STATE + REACTION + PICTURE) {
      picture(content, random);
    } else {
      message(content, random);
    }
    if (random.nextDouble() < REPLY && newest != null) {
      content.putObject("m.relates_to").putObject("m.in_reply_to").put("event_id", newest);
    }
    return room % ENCRYPTED_EVERY == 0
        ? new Said("m.room.encrypted", null, encrypted(content, room, random))
        : new Said("m.room.message", null, content);
  }

  private void message(ObjectNode content, Random random) {
    String text = text(random);
    content.put("msgtype", "m.text").put("body", text);
    if (random.nextDouble() < FORMATTED) {
      content
          .put("format", "org.matrix.custom.html")
          .put("formatted_body", "<p>" + text.replaceFirst(" ", " <strong>") + "</strong></p>");
    }
  }

  private void picture(ObjectNode content, Random random) {
    content
        .put("msgtype", "m.image")
        .put("body", word(random) + ".jpg")
        .put("url", "mxc://localhost/" + base64(random, 18));
    content
        .putObject("info")
        .put("mimetype", "image/jpeg")
        .put("size", random.nextInt(PICTURE_BYTES_MAX))
        .put("w", 1_600)
        .put("h", 1_200)
        .put("xyz.amorgan.blurhash", base64(random, 20));
  }

  private ObjectNode encrypted(ObjectNode clear, int room, Random random) {
    int padded = (clear.toString().length() + PAYLOAD_BYTES) / 16 * 16 + 16;
    ObjectNode content = Homeserver.JSON.createObjectNode();
    content
        .put("algorithm", "m.megolm.v1.aes-sha2")
        .put("ciphertext", base64(random, padded + MEGOLM_BYTES))
        .put("session_id", base64(new Random(seed + room), SESSION_ID_BYTES))
        .put("sender_key", base64(new Random(seed - room), SESSION_ID_BYTES))
        .put("device_id", "ABCDEFGHIJ");
    if (clear.has("m.relates_to")) {
      content.set("m.relates_to", clear.get("m.relates_to"));
    }
    return content;
  }

  private String text(Random random) {
    int length =
        (int) Math.clamp(TEXT_MEDIAN * Math.exp(TEXT_SIGMA * random.nextGaussian()), 1, TEXT_MAX);
    StringBuilder text = new StringBuilder(word(random));
    while (text.length() < length) {
      text.append(' ').append(word(random));
    }
    return text.toString();
  }

  /** The n-th word comes about 1/n times as often as the first. */
  private String word(Random random) {
    return words[(int) Math.pow(VOCABULARY, random.nextDouble()) - 1];
  }

  private static String base64(Random random, int bytes) {
    byte[] some = new byte[bytes];
    random.nextBytes(some);
    return Base64.getEncoder().withoutPadding().encodeToString(some).replace('/', '_');
  }
}
