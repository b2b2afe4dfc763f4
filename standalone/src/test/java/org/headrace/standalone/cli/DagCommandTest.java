package org.headrace.standalone.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.fixture.RandomRooms;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.fixture.Seeds;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code headrace dag}, from its arguments to what it prints. */
class DagCommandTest {
  private static final UserId ALICE = new UserId("@alice:a.example");
  private static final UserId BOB = new UserId("@bob:b.example");

  @TempDir Path folder;

  private record Said(int exit, String out, String err) {
    JsonNode json() {
      assertThat(err).isEmpty();
      assertThat(exit).isZero();
      assertThat(out).hasLineCount(1);
      return Json.parse(out.strip().getBytes(UTF_8));
    }
  }

  /** Small rooms beside what is to be said of them; the documents' examples are among them. */
  static Stream<Path> rooms() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path place : List.of(root().resolve("docs/examples"), Path.of("src/test/resources/dag"))) {
      try (Stream<Path> files = Files.list(place)) {
        files.filter(file -> file.toString().endsWith(".jsonl")).forEach(found::add);
      }
    }
    return found.stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void saysWhatIsExpectedOfASmallRoom(Path room) throws IOException {
    String stem = room.toString().replace(".jsonl", "");
    JsonNode expected = Json.parse(Files.readAllBytes(Path.of(stem + ".expected.json")));
    List<String> args = new ArrayList<>(List.of("dag", room.toString(), "--json"));
    if (Files.exists(Path.of(stem + ".keys.json"))) {
      args.addAll(List.of("--keys", stem + ".keys.json"));
    }
    assertThat(say(args.toArray(String[]::new)).json().toPrettyString())
        .isEqualTo(expected.toPrettyString());
  }

  @Test
  void theOrderOfLinesChangesNothing() throws IOException {
    RoomBuilder room = RandomRooms.grow(RoomVersion.V12, Seeds.random(7));
    List<String> lines = lines(room.events());
    JsonNode inOrder = say("dag", write("in-order", lines).toString(), "--json").json();
    assertThat(inOrder.path("events").asInt()).isEqualTo(lines.size());
    Collections.shuffle(lines, new Random(7));
    JsonNode shuffled = say("dag", write("shuffled", lines).toString(), "--json").json();
    assertThat(shuffled).isEqualTo(inOrder);
  }

  @Test
  void readsStandardInput() throws IOException {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    byte[] bytes = String.join("\n", lines(room.events())).getBytes(UTF_8);
    InputStream in = System.in;
    try {
      System.setIn(new ByteArrayInputStream(bytes));
      JsonNode said = say("dag", "-", "--json").json();
      assertThat(said.path("accepted").asInt()).isEqualTo(4);
      assertThat(said.path("state")).hasSize(4);
      assertThat(said.path("extremities").get(0).asText())
          .isEqualTo(room.extremities().getFirst().value());
    } finally {
      System.setIn(in);
    }
  }

  @Test
  void badLinesAreNamedAndDoNotStopIt() throws IOException {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    List<String> lines = lines(room.events());
    lines.add(1, "{\"type\":");
    lines.add(2, "");
    lines.add(3, "[]");
    lines.add("{\"type\":\"m.room.message\"}");
    lines.add(lines.getFirst());
    lines.add("{\"type\":\"" + "x".repeat(2 << 20) + "\"}");
    JsonNode said = say("dag", write("bad", lines).toString(), "--json").json();
    assertThat(said.path("events").asInt()).isEqualTo(4);
    assertThat(said.path("accepted").asInt()).isEqualTo(4);
    assertThat(said.path("bad_lines").findValues("line").toString()).isEqualTo("[2, 4, 10]");
    assertThat(said.path("dropped").get(0).path("line").asInt()).isEqualTo(8);
    assertThat(said.path("dropped").get(0).path("rule").asText()).isEqualTo("FORMAT");
    assertThat(said.path("repeated_lines").asInt()).isEqualTo(1);
  }

  @Test
  void aForgedCreateEventOfAnUnknownVersionDoesNotStopIt() throws IOException {
    List<String> lines = lines(RoomBuilder.publicRoom(RoomVersion.V11, ALICE).events());
    lines.addFirst(
        "{\"type\":\"m.room.create\",\"state_key\":\"\",\"content\":{\"room_version\":\"none\"}}");
    JsonNode said = say("dag", write("forged", lines).toString(), "--json").json();
    assertThat(said.path("bad_lines").findValues("line").toString()).isEqualTo("[1]");
    assertThat(said.path("accepted").asInt()).isEqualTo(4);
    Said alone = say("dag", write("alone", lines.subList(0, 1)).toString());
    assertThat(alone.exit()).isEqualTo(1);
    assertThat(alone.err()).hasLineCount(1).contains("line 1: room version none is not known");
  }

  @Test
  void keysThatCannotBeReadAreSaidInOneLine() throws IOException {
    List<String> lines = lines(RoomBuilder.publicRoom(RoomVersion.V11, ALICE).events());
    Path room = write("room", lines);
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xC3, (byte) 0x28});
    for (Path keys : List.of(folder, binary, folder.resolve("none"))) {
      Said said = say("dag", room.toString(), "--keys", keys.toString());
      assertThat(said.exit()).isEqualTo(1);
      assertThat(said.err()).hasLineCount(1).contains(keys + " is not a file that can be read");
    }
  }

  @Test
  void aWrongContentHashIsSaidAndTheEventUsedRedacted() throws IOException {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    Pdu topic = room.state(ALICE, "m.room.topic", "", Json.object().put("topic", "one"));
    ObjectNode changed = topic.json().deepCopy();
    changed.putObject("content").put("topic", "two");
    List<String> lines = lines(room.events());
    lines.set(4, changed.toString());
    JsonNode said = say("dag", write("hash", lines).toString(), "--json").json();
    assertThat(said.path("wrong_hashes").toString()).isEqualTo("[\"" + topic.id() + "\"]");
    assertThat(said.path("accepted").asInt()).isEqualTo(5);
    assertThat(say("dag", folder.resolve("hash").toString()).out())
        .contains("wrong content hash", topic.id() + " (line 5)");
  }

  @Test
  void signaturesAreCheckedWhereKeysAreGiven() throws IOException {
    SigningKey a = SigningKey.fromSeed("ed25519:1", new byte[32]);
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    room.join(BOB);
    List<String> lines = new ArrayList<>();
    for (Pdu event : room.events()) {
      ServerName server = event.sender().server();
      lines.add(EventSignatures.sign(event.json(), room.version(), server, a).toString());
    }
    ObjectNode forged =
        EventSignatures.sign(
            room.message(ALICE, "not mine").json(),
            room.version(),
            ALICE.server(),
            SigningKey.fromSeed("ed25519:1", "a key that the server has not...".getBytes(UTF_8)));
    lines.add(forged.toString());
    String file = write("signed", lines).toString();
    ObjectNode keys = Json.object().put("server_name", ALICE.server().value());
    keys.put("valid_until_ts", 1_900_000_000_000L);
    keys.putObject("verify_keys")
        .putObject(a.keyId())
        .put("key", UnpaddedBase64.encode(a.publicKey()));
    ObjectNode signedKeys = JsonSigner.sign(keys, ALICE.server().value(), a);
    String keyFile = write("keys", List.of(signedKeys.toString())).toString();

    JsonNode unchecked = say("dag", file, "--json").json().path("signatures");
    assertThat(unchecked.path("unchecked").asInt()).isEqualTo(6);
    JsonNode said = say("dag", file, "--json", "--keys", keyFile).json();
    assertThat(said.path("signatures").path("verified").asInt()).isEqualTo(4);
    assertThat(said.path("signatures").path("unchecked").asInt()).isEqualTo(1);
    assertThat(said.path("signatures").path("invalid").asInt()).isEqualTo(1);
    assertThat(said.path("dropped").get(0).path("rule").asText()).isEqualTo("SIGNATURES");
    assertThat(said.path("events").asInt()).isEqualTo(5);
  }

  @Test
  void stateBeforeAnEventAndWhyItIsSo() throws IOException {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    Pdu first = room.state(ALICE, "m.room.topic", "", Json.object().put("topic", "one"));
    Pdu second = room.state(ALICE, "m.room.topic", "", Json.object().put("topic", "two"));
    String file = write("topics", lines(room.events())).toString();
    JsonNode before =
        say("dag", file, "--json", "--at", second.id().value(), "--explain", "m.room.topic", "")
            .json();
    assertThat(before.path("at").asText()).isEqualTo(second.id().value());
    assertThat(before.path("state").findValuesAsText("event_id")).contains(first.id().value());
    assertThat(before.path("explanation").path("event_id").asText()).isEqualTo(first.id().value());
    JsonNode now = say("dag", file, "--json").json();
    assertThat(now.path("state").findValuesAsText("event_id")).contains(second.id().value());
    assertThat(say("dag", file, "--explain", "m.room.topic", "").out())
        .contains("Why m.room.topic \"\" is " + second.id(), "That event set it");
  }

  @Test
  void theRoomVersionCanBeGivenWhereNoCreateEventSaysIt() throws IOException {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    List<String> lines = lines(room.events().subList(1, 4));
    String file = write("beheaded", lines).toString();
    fails("use --room-version", "dag", file);
    JsonNode said = say("dag", file, "--json", "--room-version", "10").json();
    assertThat(said.path("undecided")).hasSize(3);
    assertThat(said.path("missing").get(0).asText()).isEqualTo(room.create().id().value());
  }

  @Test
  void whatCannotBeDoneIsSaidInOneLine() throws IOException {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    String file = write("room", lines(room.events())).toString();
    fails("is not a file that can be read", "dag", folder.resolve("none").toString());
    fails("is not a file that can be read", "dag", folder.toString());
    fails("does not hold $none", "dag", file, "--at", "$none");
    fails("--at", "dag", file, "--at", "none");
    fails("room version 99 is not known", "dag", file, "--room-version", "99");
    fails("is not a file that can be read", "dag", file, "--keys", folder + "/none");
    fails("server_name must be a string", "dag", file, "--keys", write("k", List.of("{}")) + "");
    fails("--explain", "dag", file, "--explain", "m.room.topic");
  }

  private Path write(String name, List<String> lines) throws IOException {
    return Files.write(folder.resolve(name), lines);
  }

  private static List<String> lines(List<Pdu> events) {
    List<String> lines = new ArrayList<>();
    events.forEach(event -> lines.add(event.json().toString()));
    return lines;
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("headrace"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  private static void fails(String why, String... args) {
    Said said = say(args);
    assertThat(said.exit()).isNotZero();
    assertThat(said.err()).contains(why).hasLineCount(1);
  }

  private static Said say(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(said, true, UTF_8));
      System.setErr(new PrintStream(complained, true, UTF_8));
      int exit = Main.execute(args);
      return new Said(exit, said.toString(UTF_8), complained.toString(UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
