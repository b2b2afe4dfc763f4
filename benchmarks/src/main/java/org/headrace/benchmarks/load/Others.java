package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes beside messages, one kind after the other, each by a room's first user. */
final class Others {
  static final List<String> KINDS =
      List.of("state", "receipt", "typing", "to-device", "redaction", "invite");

  private final Homeserver server;
  private final Population population;
  private final String run;

  Others(Homeserver server, Population population, String run) {
    this.server = server;
    this.population = population;
    this.run = run;
  }

  static String kind(long number) {
    return KINDS.get((int) (number % KINDS.size()));
  }

  int room(long number) {
    return (int) (number / KINDS.size() % population.roomIds().size());
  }

  /** {@code about}: an event of the room. */
  @Nullable String send(long number, String about) throws IOException, InterruptedException {
    int place = room(number);
    Session user = population.users().get(place);
    String other = population.users().get((place + 1) % population.users().size()).userId();
    String room = "/rooms/" + Homeserver.encode(population.roomIds().get(place));
    String event = Homeserver.encode(about);
    String txn = run + "-other-" + number;
    ObjectNode body = Homeserver.JSON.createObjectNode();
    return switch (kind(number)) {
      case "state" ->
          server.write(user, "PUT", room + "/state/m.room.topic", body.put("topic", "n " + number));
      case "receipt" -> server.write(user, "POST", room + "/receipt/m.read/" + event, body);
      case "typing" ->
          server.write(
              user,
              "PUT",
              room + "/typing/" + Homeserver.encode(user.userId()),
              body.put("typing", true));
      case "to-device" -> {
        body.putObject("messages").putObject(other).putObject("*").put("n", number);
        yield server.write(user, "PUT", "/sendToDevice/org.example.n/" + txn, body);
      }
      case "redaction" -> server.write(user, "PUT", room + "/redact/" + event + "/" + txn, body);
      case "invite" -> server.write(user, "POST", room + "/invite", body.put("user_id", other));
      default -> throw new IllegalStateException(kind(number));
    };
  }
}
