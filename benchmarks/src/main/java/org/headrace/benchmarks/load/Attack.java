package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.Origins;
import org.headrace.federation.fixture.RemoteServer;

/**
 * Servers that are in rooms of the one under load and send it transactions at a steady rate, in an
 * open loop: of each the PDUs are in equal parts forged (a wrong signature), orphans (a predecessor
 * that nobody has, for which the server asks them in vain), forks at the join, with state or
 * without. The attacked rooms are so many that each partition has some.
 */
final class Attack implements AutoCloseable {
  static final int ORIGINS = 10;
  static final int ROOMS = 64;
  static final int PDUS = 20;
  private static final RoomVersion VERSION = RoomVersion.find("11").orElseThrow();

  private final URI base;
  private final ServerName tenant;
  private final Origins origins;
  private final List<Foothold> footholds = new ArrayList<>();
  private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
  private final ConcurrentHashMap<Integer, AtomicLong> statuses = new ConcurrentHashMap<>();
  private final AtomicLong made = new AtomicLong();
  private volatile boolean open = true;

  /** An origin's user in a room, and the event that let it in. */
  private record Foothold(Neighbour origin, UserId user, RoomId room, Pdu join) {}

  Attack(URI base, ServerName tenant, Origins origins) {
    this.base = base;
    this.tenant = tenant;
    this.origins = origins;
  }

  /** What such a server answers when it is asked: that it has nothing. */
  static void refuse(HttpExchange exchange) throws IOException {
    RemoteServer.send(exchange, 404, "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"no\"}");
  }

  /** Each origin joins its share of the rooms. */
  void join(List<String> roomIds) throws Exception {
    for (int n = 0; n < roomIds.size(); n++) {
      Neighbour origin = origins.all().get(n % ORIGINS);
      UserId user = UserId.of("mallory", origin.name());
      RoomId room = new RoomId(roomIds.get(n));
      footholds.add(new Foothold(origin, user, room, origin.join(base, tenant, room, user)));
    }
  }

  /** The same footholds, to attack from once more. */
  Attack again() {
    Attack attack = new Attack(base, tenant, origins);
    attack.footholds.addAll(footholds);
    attack.made.set(System.nanoTime());
    return attack;
  }

  /** A transaction that is ready: making and signing it is not the server's work. */
  private record Transaction(Foothold from, String target, ObjectNode body) {}

  /** Attacks until it is closed, or so many seconds have passed. */
  void start(double transactionsPerSecond, int seconds) {
    List<Transaction> ready = new ArrayList<>();
    for (int n = 0; n < transactionsPerSecond * seconds; n++) {
      ready.add(transaction(footholds.get(n % footholds.size())));
    }
    Thread.ofPlatform()
        .daemon()
        .name("attack")
        .start(
            () -> {
              long stepNanos = (long) (TimeUnit.SECONDS.toNanos(1) / transactionsPerSecond);
              long due = System.nanoTime();
              for (Transaction transaction : ready) {
                OpenLoop.sleepUntil(due);
                due += stepNanos;
                if (open) {
                  senders.execute(() -> send(transaction));
                }
              }
            });
  }

  /** How many transactions were answered with which status, {@code -1} for none. */
  TreeMap<Integer, Long> answers() {
    TreeMap<Integer, Long> answers = new TreeMap<>();
    statuses.forEach((status, count) -> answers.put(status, count.get()));
    return answers;
  }

  private Transaction transaction(Foothold from) {
    ObjectNode body = Json.object().put("origin", from.origin().name().value());
    body.put("origin_server_ts", System.currentTimeMillis());
    ArrayNode pdus = body.putArray("pdus");
    for (int n = 0; n < PDUS; n++) {
      pdus.add(pdu(from, n % 4));
    }
    return new Transaction(from, "/_matrix/federation/v1/send/a" + made.incrementAndGet(), body);
  }

  private void send(Transaction transaction) {
    int status = -1;
    try {
      status =
          transaction
              .from()
              .origin()
              .send("PUT", base, transaction.target(), tenant, transaction.body())
              .statusCode();
    } catch (Exception e) {
      if (!open) {
        return;
      }
    }
    statuses.computeIfAbsent(status, key -> new AtomicLong()).incrementAndGet();
  }

  private ObjectNode pdu(Foothold from, int kind) {
    long number = made.incrementAndGet();
    ObjectNode event =
        Json.object()
            .put("room_id", from.room().value())
            .put("sender", from.user().value())
            .put("depth", from.join().depth() + 1)
            .put("origin_server_ts", System.currentTimeMillis());
    boolean state = kind == 3;
    event.put("type", state ? "m.room.member" : "m.room.message");
    ObjectNode content = event.putObject("content");
    if (state) {
      event.put("state_key", from.user().value());
      content.put("membership", "join").put("displayname", "m" + number);
    } else {
      content.put("msgtype", "m.text").put("body", "attack " + number);
    }
    String prev = kind == 1 ? "$" + "%043d".formatted(number) : from.join().id().value();
    event.putArray("prev_events").add(prev);
    ArrayNode auth = event.putArray("auth_events");
    from.join().authEvents().forEach(id -> auth.add(id.value()));
    auth.add(from.join().id().value());
    Pdu signed = from.origin().sign(event, VERSION);
    ObjectNode json = signed.json();
    if (kind == 0) {
      json = json.deepCopy();
      json.put("depth", from.join().depth() + 2);
    }
    return json;
  }

  @Override
  public void close() {
    open = false;
    senders.shutdownNow();
  }
}
