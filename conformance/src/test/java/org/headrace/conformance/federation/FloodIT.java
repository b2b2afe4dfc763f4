package org.headrace.conformance.federation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.NeighbourServer;
import org.headrace.federation.fixture.Origins;
import org.headrace.federation.fixture.RemoteServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that send too much, too slowly, or all at once: the process lives, others are served. */
class FloodIT {
  private static final int ORIGINS = 1_000;
  private static final int SLOW_CONNECTIONS = 300;
  private static final int TRANSACTION_BYTES_MAX = 8 << 20;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static Attacked attacked;

  @BeforeAll
  static void start() {
    attacked = new Attacked();
  }

  @AfterAll
  static void stop() {
    attacked.close();
  }

  @AfterEach
  void nobodyNoticed() {
    attacked.assertHonestRoomServes();
    attacked.assertNoErrorsLogged();
  }

  @Test
  void aTransactionOfTooManyEventsIsRefusedWhole() {
    try (NeighbourServer big = attacked.neighbour(70)) {
      big.hold(RoomBuilder.publicRoom(RoomVersion.DEFAULT, big.user("big")));
      attacked.join(big).ok();
      List<ObjectNode> many = new ArrayList<>();
      for (int n = 0; n < 51; n++) {
        String text = "message " + n;
        many.add(big.signed(big.make(room -> room.message(big.user("big"), text))));
      }
      ObjectNode body = Attacked.of(big.self(), many);
      ObjectNode refused = attacked.transaction(400, big.self(), "pdus", body);
      assertThat(refused.path("errcode").asText()).isEqualTo("M_INVALID_PARAM");
      ObjectNode edus = Attacked.of(big.self(), List.of());
      for (int n = 0; n < 101; n++) {
        edus.withArray("/edus").addObject().put("edu_type", "m.presence").putObject("content");
      }
      attacked.transaction(400, big.self(), "edus", edus);
      // One event beyond 64 KiB is named, and harms none beside it.
      String giant = "x".repeat(70_000);
      ObjectNode tooLarge = big.signed(big.make(room -> room.message(big.user("big"), giant)));
      ObjectNode results =
          attacked.transaction(
              200,
              big.self(),
              "giant",
              Attacked.of(big.self(), List.of(tooLarge, many.getFirst())));
      assertThat(results.path("pdus")).hasSize(2);
      assertThat(results.path("pdus")).filteredOn(result -> result.has("error")).hasSize(1);
    }
  }

  /** Each of these bodies is within its limit, and many times as large once it is parsed. */
  @ParameterizedTest
  @ValueSource(strings = {"[],", "{},", "\"\",", "1e9,", "{\"a\":[]},"})
  void bodiesThatGrowWhenTheyAreParsedDoNotFillTheMemory(String element) throws Exception {
    byte[] body = repeated("{\"pdus\":[", element, "0]}", TRANSACTION_BYTES_MAX);
    try (NeighbourServer big = attacked.neighbour(71);
        ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      String header =
          "X-Matrix origin=\"%s\",destination=\"%s\",key=\"ed25519:r\",sig=\"%s\""
              .formatted(big.name(), Attacked.HERE, "A".repeat(86));
      List<Callable<Integer>> requests = new ArrayList<>();
      for (int n = 0; n < 24; n++) {
        requests.add(() -> put("/_matrix/federation/v1/send/big", header, body));
      }
      for (Future<Integer> status : senders.invokeAll(requests)) {
        assertThat(status.get()).isIn(400, 401, 413, 429);
      }
    }
  }

  private static byte[] repeated(String begin, String element, String end, int bytesMax) {
    byte[] unit = element.getBytes(StandardCharsets.US_ASCII);
    byte[] body = new byte[bytesMax / unit.length * unit.length];
    int count = (body.length - begin.length() - end.length()) / unit.length;
    StringBuilder text = new StringBuilder(body.length).append(begin);
    for (int n = 0; n < count; n++) {
      text.append(element);
    }
    return text.append(end).toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static int put(String target, String authorization, byte[] body)
      throws IOException, InterruptedException {
    URI uri = URI.create(attacked.process.baseUrl() + target);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", authorization)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Test
  void aBodyBeyondTheLimitIsRefused() throws Exception {
    byte[] body = new byte[TRANSACTION_BYTES_MAX + 1];
    Arrays.fill(body, (byte) ' ');
    String header =
        "X-Matrix origin=\"a.example\",destination=\"localhost\",key=\"ed25519:r\",sig=\"A\"";
    assertThat(put("/_matrix/federation/v1/send/large", header, body)).isEqualTo(413);
  }

  @Test
  void slowBodiesHoldUpNobody() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      URI base = attacked.process.baseUrl();
      for (int n = 0; n < SLOW_CONNECTIONS; n++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), base.getPort());
        slow.add(socket);
        String head =
            "PUT /_matrix/federation/v1/send/slow%d HTTP/1.1\r\nHost: localhost\r\n".formatted(n);
        // Some never end their headers, some their body.
        String more = n % 2 == 0 ? "X-Slow: " : "Content-Length: 1000\r\n\r\n{\"pdus\":";
        socket.getOutputStream().write((head + more).getBytes(StandardCharsets.US_ASCII));
      }
      for (int round = 0; round < 5; round++) {
        for (Socket socket : slow) {
          socket.getOutputStream().write(' ');
        }
        attacked.assertHonestRoomServes();
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  @EnabledIfSystemProperty(
      named = "headrace.origins",
      matches = "true",
      disabledReason = "by hand: docs/bad-servers.md")
  void aThousandOriginsAtOnceAreServedOrToldToWait() throws Exception {
    RemoteServer.Handler nothing = exchange -> RemoteServer.send(exchange, 200, "{}");
    try (Origins origins = new Origins(attacked.authority, ORIGINS, nothing);
        ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      TreeMap<Integer, Integer> statuses = new TreeMap<>();
      List<Neighbour> left = origins.all();
      // Who is told to wait (429), or whose keys could not be had in time (401), comes again.
      for (long end = System.nanoTime() + PATIENCE_NANOS;
          !left.isEmpty() && System.nanoTime() < end; ) {
        List<Neighbour> refused = new ArrayList<>();
        List<Future<Integer>> answers = new ArrayList<>();
        for (Neighbour origin : left) {
          answers.add(
              senders.submit(
                  () -> attacked.put(origin, "t", Attacked.of(origin, List.of())).statusCode()));
        }
        attacked.assertHonestRoomServes();
        for (int n = 0; n < left.size(); n++) {
          int status = answers.get(n).get();
          statuses.merge(status, 1, Integer::sum);
          if (status != 200) {
            refused.add(left.get(n));
          }
        }
        left = refused;
      }
      assertThat(statuses.keySet()).as("%s", statuses).isSubsetOf(Set.of(200, 401, 429));
      assertThat(statuses.get(200)).as("%s", statuses).isEqualTo(ORIGINS);
      System.out.println("1,000 origins at once: " + statuses);
    }
  }
}
