package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.CURVE;
import static org.headrace.account.account.Account.LAPTOP;
import static org.headrace.account.account.Account.PHONE;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Seeded walks over an account; the seed is the parameter and in the name of a failed test. */
class AccountPropertyTest {
  private static final List<DeviceId> DEVICES = List.of(PHONE, LAPTOP);

  static List<Long> seeds() {
    List<Long> seeds = new ArrayList<>();
    for (long seed = 0; seed < 100; seed++) {
      seeds.add(seed);
    }
    return seeds;
  }

  /** What clients of the account have sent and been given. */
  private static final class Clients {
    private final Account account = new Account();
    private final Random random;
    private final Set<String> given = new HashSet<>();
    private final Map<String, AccountCommand> uploads = new TreeMap<>();
    private final Map<DeviceId, List<String>> received = new HashMap<>();
    private final List<AccountCommand> sends = new ArrayList<>();
    private final Map<DeviceId, List<String>> sent = new HashMap<>();
    private int next;

    Clients(long seed) {
      random = new Random(seed);
      account.with(ALICE, PHONE);
      account.done(account.login(ALICE, LAPTOP));
    }

    DeviceId device() {
      return DEVICES.get(random.nextInt(DEVICES.size()));
    }

    void upload() {
      Map<String, String> keys = new TreeMap<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        String id = "K" + next++;
        keys.put(id, "key " + id);
      }
      AccountCommand upload = account.upload(device(), keys, Map.of());
      uploads.put(upload.id(), upload);
      account.done(upload);
    }

    /** A client whose answer was lost uploads the same keys again, in a request of its own. */
    void uploadAgain() {
      if (uploads.isEmpty()) {
        return;
      }
      var all = new ArrayList<>(uploads.values());
      var old = (AccountCommand.UploadKeys) all.get(random.nextInt(all.size()));
      account.done(
          new AccountCommand.UploadKeys(
              account.id(),
              account.ts(),
              ALICE,
              old.device(),
              null,
              old.oneTimeKeys(),
              new TreeMap<>()));
    }

    void claim() {
      DeviceId device = device();
      account
          .claimed(device)
          .forEach(
              (id, key) -> {
                assertThat(key).isEqualTo("key " + id.substring(CURVE.length() + 1));
                assertThat(given.add(device + " " + id)).as("given out once: " + id).isTrue();
              });
    }

    void send() {
      String body = "m" + next++;
      Map<String, String> bodies = new TreeMap<>();
      if (random.nextBoolean()) {
        bodies.put("*", body);
        DEVICES.forEach(device -> sent.computeIfAbsent(device, d -> new ArrayList<>()).add(body));
      } else {
        DeviceId device = device();
        bodies.put(device.value(), body);
        sent.computeIfAbsent(device, d -> new ArrayList<>()).add(body);
      }
      AccountCommand send = account.send(bodies, "txn " + body);
      sends.add(send);
      account.done(send);
    }

    void sendAgain() {
      if (!sends.isEmpty()) {
        account.done(sends.get(random.nextInt(sends.size())));
      }
    }

    /** A sync: reads what waits, and acknowledges it, or loses the answer and reads it again. */
    void sync(DeviceId device, boolean acknowledge) {
      List<AccountItem.ToDevice> waiting = account.waiting(device);
      if (waiting.isEmpty() || !acknowledge) {
        return;
      }
      waiting.forEach(
          message ->
              received
                  .computeIfAbsent(device, d -> new ArrayList<>())
                  .add(message.content().path("body").textValue()));
      Position upTo = waiting.getLast().position();
      account.done(
          new AccountCommand.AcknowledgeToDevice(account.id(), account.ts(), ALICE, device, upTo));
    }

    void note() {
      account.run(
          account.note(
              new RoomId("!r" + random.nextInt(5) + ":x"),
              random.nextBoolean() ? "join" : "leave",
              random.nextInt(50)));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void keysGoOutOnceAndMessagesArriveOnceInOrder(long seed) {
    Clients clients = new Clients(seed);
    for (int i = 0; i < 150; i++) {
      switch (clients.random.nextInt(7)) {
        case 0 -> clients.upload();
        case 1 -> clients.uploadAgain();
        case 2 -> clients.claim();
        case 3 -> clients.send();
        case 4 -> clients.sendAgain();
        case 5 -> clients.sync(clients.device(), clients.random.nextBoolean());
        default -> clients.note();
      }
    }
    DEVICES.forEach(device -> clients.sync(device, true));
    assertThat(clients.received).isEqualTo(clients.sent);
    assertThat(clients.given).isNotEmpty();
    clients.account.assertReplayIsEqual();
  }
}
