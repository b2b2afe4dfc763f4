package org.headrace.account.account;

import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.Failure;
import org.headrace.topology.machine.Output;

/**
 * Tells the user's joined rooms of profile and device list changes, so that a reader needs only
 * rooms' partitions (design D12). The rooms are taken in chunks, one command each (design D6): a
 * room that is joined meanwhile gets an echo of its own from its join.
 */
final class Echoes {
  private final Cells cells;
  private final Decision decision;

  Echoes(Cells cells, Decision decision) {
    this.cells = cells;
    this.decision = decision;
  }

  /** What is told; {@code origin}: the position of the record that is echoed. */
  private record Echoed(
      UserId user,
      AccountCommand.Echo echo,
      Position origin,
      List<DeviceListChange> changes,
      long ts) {}

  void profile(UserId user, Position origin, long ts) {
    send(new Echoed(user, AccountCommand.Echo.PROFILE, origin, List.of(), ts), 0);
  }

  /** {@code changes}: the newest steps of the device list, oldest first. */
  void devices(UserId user, List<DeviceListChange> changes, long ts) {
    Position origin = changes.getLast().position();
    send(new Echoed(user, AccountCommand.Echo.DEVICES, origin, List.copyOf(changes), ts), 0);
  }

  List<Output> goOn(AccountCommand.ContinueEcho c) {
    send(new Echoed(c.user(), c.echo(), c.origin(), c.changes(), c.ts()), c.chunk());
    return decision.done();
  }

  private void send(Echoed echoed, int from) {
    UserId user = echoed.user();
    int slots = cells.slots(user);
    int chunk = from;
    boolean sent = false;
    while (!sent
        && chunk - from < Limits.CHUNKS_PER_STEP_MAX
        && chunk * Limits.ROOMS_PER_CHUNK < slots) {
      for (RoomId room : cells.joinedRooms(user, chunk)) {
        tell(echoed, room);
        sent = true;
      }
      chunk++;
    }
    if (chunk * Limits.ROOMS_PER_CHUNK < slots) {
      String id = Decision.crossingId(decision.key(), echoed.origin(), echoed.echo() + "/" + chunk);
      decision.sendToSelf(
          new AccountCommand.ContinueEcho(
              id, echoed.ts(), user, echoed.echo(), echoed.origin(), chunk, echoed.changes()));
    }
  }

  private void tell(Echoed echoed, RoomId room) {
    UserId user = echoed.user();
    Position origin = echoed.origin();
    switch (echoed.echo()) {
      case PROFILE -> {
        SortedMap<String, String> profile = cells.profile(user);
        decision.send(
            room,
            new RoomCommand.EchoProfile(
                Decision.crossingId(decision.key(), origin, room + "/profile"),
                echoed.ts(),
                room,
                user,
                profile.get(UserSettings.DISPLAYNAME),
                profile.get(UserSettings.AVATAR_URL)));
      }
      case DEVICES ->
          decision.send(
              room,
              new RoomCommand.EchoDevices(
                  Decision.crossingId(decision.key(), origin, room + "/devices"),
                  echoed.ts(),
                  room,
                  user,
                  echoed.changes()));
    }
  }

  /**
   * A room says what the user is there now. What an earlier record of the room said may arrive
   * later and is dropped. Only who was not joined gets an echo: a member event of one who is may
   * differ from the profile on purpose.
   */
  List<Output> noteMembership(AccountCommand.NoteMembership c) {
    UserId user = c.user();
    if (cells.account(user) == null) {
      return decision.fail(Failure.NOT_FOUND, "no such account");
    }
    Cells.Membership known = cells.membership(user, c.room());
    if (known != null && c.position().compareTo(known.roomPosition()) <= 0) {
      return decision.done();
    }
    Position origin = decision.next();
    decision.record(
        (position, last) ->
            new AccountRecord.MembershipNoted(
                position, c.key(), c.id(), last, user, c.room(), c.membership(), c.position()));
    boolean joins = c.membership().equals("join") && (known == null || known.slot() == null);
    if (joins && cells.hasDeviceKeys(user)) {
      tell(new Echoed(user, AccountCommand.Echo.DEVICES, origin, newest(user), c.ts()), c.room());
    }
    SortedMap<String, String> profile = cells.profile(user);
    if (joins
        && !(Objects.equals(profile.get(UserSettings.DISPLAYNAME), c.displayname())
            && Objects.equals(profile.get(UserSettings.AVATAR_URL), c.avatarUrl()))) {
      tell(new Echoed(user, AccountCommand.Echo.PROFILE, origin, List.of(), c.ts()), c.room());
    }
    return decision.done();
  }

  /**
   * What a room that is new to the user is told: the newest step, which servers that have met the
   * user elsewhere know already and others do not. It must be one of a device, or they are not told
   * of the devices at all.
   */
  private List<DeviceListChange> newest(UserId user) {
    DeviceListChange newest = cells.deviceList(user);
    return newest == null || newest.device() == null ? List.of() : List.of(newest);
  }
}
