package org.headrace.projections.runner;

import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.OTHER_ROOM;
import static org.headrace.projections.LogFixture.PHONE;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.bodyKey;
import static org.headrace.projections.LogFixture.id;
import static org.headrace.projections.LogFixture.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.LogFixture;
import org.headrace.projections.view.Answers;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.KeyPurpose;
import org.headrace.schema.record.KeySignature;
import org.headrace.schema.record.MediaContent;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.TypingRecord;

/** Logs of a few rooms and accounts, the same for the same seed. */
final class RandomLogs {
  private RandomLogs() {}

  static FakeBroker rooms(int count, Random random) {
    FakeBroker broker = new FakeBroker();
    List<Runnable> commands = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      commands.add(roomCommand(broker, i, random.nextLong()));
    }
    send(commands, random);
    return broker;
  }

  static FakeBroker accounts(int count, Random random) {
    FakeBroker broker = new FakeBroker();
    List<Runnable> commands = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      commands.add(accountCommand(broker, i, random.nextLong()));
    }
    send(commands, random);
    return broker;
  }

  /** Sends all, now and then once more from an earlier command on, as a rewound topology does. */
  private static void send(List<Runnable> commands, Random random) {
    for (int i = 0; i < commands.size(); i++) {
      commands.get(i).run();
      if (random.nextInt(15) == 0) {
        for (int again = Math.max(0, i - random.nextInt(10)); again <= i; again++) {
          commands.get(again).run();
        }
      }
    }
  }

  /** A command that sends the same bytes each time it runs. */
  private static Runnable roomCommand(FakeBroker broker, int offset, long seed) {
    return () -> {
      Random random = new Random(seed);
      RoomId room = random.nextBoolean() ? ROOM : OTHER_ROOM;
      UserId user = random.nextBoolean() ? ALICE : BOB;
      String earlier = "e" + random.nextInt(Math.max(1, offset));
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          broker.log(LogFixture.message(room, at(offset, 0), "e" + offset).notLast().record(), 0);
          broker.log(
              LogFixture.message(room, at(offset, 1), "f" + offset)
                  .change("m.room.topic", "", random.nextBoolean() ? earlier : null)
                  .record(),
              0);
          broker.body(bodyKey(room, id("e" + offset)), "{'b':" + seed + "}", at(offset));
          broker.body(bodyKey(room, id("f" + offset)), "{'c':" + seed + "}", at(offset));
        }
        case 3 ->
            broker.log(
                LogFixture.member(
                        room,
                        at(offset),
                        "e" + offset,
                        user,
                        random.nextBoolean() ? "join" : "leave")
                    .change("m.room.member", BOB.value(), earlier)
                    .record(),
                0);
        case 4 -> {
          broker.log(
              new RoomRecord.EventRedacted(
                  at(offset), room, "c", true, id(earlier), id("e" + offset)),
              0);
          broker.body(bodyKey(room, id(earlier)), null, at(offset));
        }
        case 6 -> {
          broker.log(
              LogFixture.outlierMember(
                  room, at(offset), "e" + offset, user, random.nextBoolean() ? "join" : "ban"),
              0);
        }
        case 7 ->
            broker.log(
                LogFixture.moved(
                    room,
                    at(offset),
                    LogFixture.entry("m.room.member", user.value(), earlier),
                    LogFixture.entry("m.room.name", "", random.nextBoolean() ? earlier : null)),
                0);
        case 8 -> {
          broker.log(LogFixture.noted(room, at(offset), "e" + offset, user, "invite"), 0);
          broker.body(bodyKey(room, id("e" + offset)), "{'i':" + seed + "}", at(offset));
        }
        case 9 -> {
          long place = -random.nextInt(20) - 1L;
          broker.log(
              LogFixture.message(room, at(offset, 0), "e" + offset)
                  .place(place)
                  .before(earlier, LogFixture.entry("m.room.topic", "", earlier))
                  .notLast()
                  .record(),
              0);
          broker.body(bodyKey(room, id("e" + offset)), "{'p':" + seed + "}", at(offset));
          List<String> frontier = random.nextBoolean() ? List.of("e" + offset) : List.of();
          broker.log(
              LogFixture.gap(room, at(offset, 1), earlier, frontier, place - 1, Long.MIN_VALUE), 0);
        }
        case 5 ->
            broker.log(
                new RoomRecord.DevicesChanged(at(offset), room, "c", true, user, List.of()), 0);
        default -> broker.log(new RoomRecord.RoomForgotten(at(offset), room, "c", true, user), 0);
      }
      TypingRecord typing = new TypingRecord(room, user, random.nextInt(3) * 1_000L);
      broker.append(Topic.TYPING, room.value(), LogJson.encode(typing), null, 0);
      ReceiptRecord receipt =
          new ReceiptRecord(room, user, "m.read", null, id("e" + offset), offset);
      broker.append(Topic.RECEIPTS, receipt.recordKey(), LogJson.encode(receipt), null, 0);
    };
  }

  private static Runnable accountCommand(FakeBroker broker, int offset, long seed) {
    return () -> {
      Random random = new Random(seed);
      UserId user = random.nextBoolean() ? ALICE : BOB;
      int other = random.nextInt(offset + 1);
      AccountItem.ToDevice sent = toDevice(user, other);
      switch (random.nextInt(9)) {
        case 5 -> broker.log(aboutUser(offset, user, random), 0);
        case 6 -> broker.log(aboutKeys(offset, user, random), 0);
        case 7 -> broker.log(aboutRooms(offset, user, random), 0);
        case 8 -> broker.log(aboutMedia(offset, user, random), 0);
        case 0 -> {
          AccountItem.AccountData data =
              new AccountItem.AccountData(
                  at(offset), user, null, "t" + random.nextInt(3), json("{'v':" + seed + "}"));
          broker.log(items(offset, user, List.of(data.itemKey()), List.of()), 0);
          broker.item(data);
        }
        case 1 -> {
          broker.log(items(offset, user, List.of(toDevice(user, offset).itemKey()), List.of()), 0);
          broker.item(toDevice(user, offset));
        }
        case 2 -> {
          broker.log(items(offset, user, List.of(), List.of(sent.itemKey())), 0);
          broker.itemGone(sent, at(offset));
        }
        case 3 ->
            broker.log(
                new AccountRecord.SessionCreated(
                    at(offset), user.value(), "c", true, user, PHONE, "t" + offset, null, 1),
                0);
        default -> {
          broker.log(
              new AccountRecord.DevicesDeleted(
                  at(offset, 0), user.value(), "c", false, user, List.of(PHONE)),
              0);
          broker.log(
              new AccountRecord.DeviceListChanged(
                  at(offset, 1), user.value(), "c", true, user, PHONE, null),
              0);
        }
      }
      PresenceRecord presence =
          new PresenceRecord(
              user, Presence.ONLINE, null, PHONE, offset, 1_000 + offset, random.nextBoolean());
      broker.append(Topic.PRESENCE, user.value(), LogJson.encode(presence), null, 0);
    };
  }

  private static AccountRecord aboutUser(int offset, UserId user, Random random) {
    String value = random.nextInt(4) == 0 ? null : "v" + offset;
    return switch (random.nextInt(4)) {
      case 0 ->
          new AccountRecord.AccountCreated(
              at(offset), user.value(), "c", true, user, "h" + offset, random.nextBoolean(), 7);
      case 1 ->
          new AccountRecord.DeviceRenamed(at(offset), user.value(), "c", true, user, PHONE, value);
      case 2 ->
          new AccountRecord.ProfileChanged(
              at(offset),
              user.value(),
              "c",
              true,
              user,
              Answers.pick(Answers.FIELDS, random),
              value);
      default ->
          new AccountRecord.FilterAdded(
              at(offset),
              user.value(),
              "c",
              true,
              user,
              Answers.pick(Answers.FILTERS, random),
              json("{'f':" + offset + "}"));
    };
  }

  private static AccountRecord aboutKeys(int offset, UserId user, Random random) {
    UserId target = random.nextBoolean() ? ALICE : BOB;
    return switch (random.nextInt(4)) {
      case 0 ->
          new AccountRecord.DeviceKeysChanged(
              at(offset), user.value(), "c", true, user, PHONE, json("{'k':" + offset + "}"));
      case 1 -> {
        TreeMap<String, Integer> counts = new TreeMap<>();
        counts.put("signed_curve25519", random.nextInt(50));
        yield new AccountRecord.KeyCountsChanged(
            at(offset),
            user.value(),
            "c",
            true,
            user,
            PHONE,
            counts,
            random.nextBoolean() ? List.of("signed_curve25519") : List.of());
      }
      case 2 -> {
        TreeMap<String, ObjectNode> keys = new TreeMap<>();
        keys.put(KeyPurpose.MASTER, json("{'m':" + offset + "}"));
        if (random.nextBoolean()) {
          keys.put(KeyPurpose.SELF_SIGNING, json("{'s':" + offset + "}"));
        }
        yield new AccountRecord.SigningKeysChanged(at(offset), user.value(), "c", true, user, keys);
      }
      default ->
          new AccountRecord.SignaturesAdded(
              at(offset),
              user.value(),
              "c",
              true,
              user,
              List.of(
                  new KeySignature(
                      target, "K" + random.nextInt(3), "s" + offset, "ed25519:A", "sig" + offset)));
    };
  }

  private static AccountRecord aboutRooms(int offset, UserId user, Random random) {
    RoomId room = random.nextBoolean() ? ROOM : OTHER_ROOM;
    if (random.nextBoolean()) {
      return new AccountRecord.RoomListed(
          at(offset), room.value(), "c", true, room, Answers.DIRECTORY, random.nextBoolean());
    }
    RoomAlias alias = Answers.pick(Answers.ALIASES, random);
    boolean points = random.nextInt(3) > 0;
    return new AccountRecord.AliasChanged(
        at(offset),
        alias.value(),
        "c",
        true,
        alias,
        points ? room : null,
        points ? user : null,
        points && random.nextInt(4) == 0,
        offset);
  }

  private static AccountRecord aboutMedia(int offset, UserId user, Random random) {
    MediaId media = Answers.pick(Answers.MEDIA, random);
    if (random.nextInt(3) == 0) {
      return new AccountRecord.MediaReserved(
          at(offset), user.value(), "c", true, user, media, 1_000 + offset);
    }
    MediaContent content =
        new MediaContent(
            "%064x".formatted(offset), offset, "image/png", random.nextBoolean() ? "f.png" : null);
    return new AccountRecord.MediaStored(
        at(offset), user.value(), "c", true, user, media, content, 10L * offset, offset);
  }

  private static AccountItem.ToDevice toDevice(UserId user, int offset) {
    return new AccountItem.ToDevice(
        at(offset), user, PHONE, BOB, "m.x", json("{'n':" + offset + "}"));
  }

  private static AccountRecord items(
      int offset, UserId user, List<String> put, List<String> removed) {
    return new AccountRecord.ItemsChanged(
        at(offset), user.value(), "c", true, user, put, removed, null);
  }
}
