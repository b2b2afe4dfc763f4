package org.headrace.simulation.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.RoomRecord.OutlierDecided;
import org.headrace.schema.record.Verdict;
import org.headrace.simulation.world.FakeLog.Entry;
import org.headrace.stateres.room.RoomProbe;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.machine.MapState;
import org.headrace.topology.machine.StateMachine;
import org.headrace.topology.processor.MachineDefinition;
import org.headrace.topology.store.VersionedStore;

/** One homeserver of ours with one room: commands go in, and its log tells what it made of them. */
final class Homeserver {
  private final ServerName name;
  private final FakeLog log = new FakeLog(new Partitions(1, 1));
  private final Faults faults;
  private final Task<RoomCommand, RoomRecord> task;
  private final StateMachine<RoomCommand, RoomRecord> reader;

  /** What the log tells. */
  private final MapState state = new MapState();

  private final Map<EventId, EventDecided> decided = new TreeMap<>();

  /** Events that are known by their auth events alone. */
  private final Map<EventId, OutlierDecided> outliers = new TreeMap<>();

  private List<EventId> extremities = List.of();
  private Position last = Position.NONE;
  private int logRead;
  private int bodiesRead;

  /** Bodies that stand beside the log, by their record's key. */
  private final Map<String, byte[]> bodies = new TreeMap<>();

  private int effectsRead;

  Homeserver(ServerName name, Random random, double crashProbability) {
    this.name = name;
    MachineDefinition<RoomCommand, RoomRecord> definition = RoomTopology.definition();
    faults = new Faults(random, crashProbability);
    task = new Task<>(definition, 0, log, faults, random, VersionedStore.VERSIONS_KEPT_MILLIS);
    reader = definition.newMachine().get();
  }

  ServerName name() {
    return name;
  }

  boolean has(UserId user) {
    return user.server().equals(name);
  }

  int crashes() {
    return faults.crashes();
  }

  void publish(RoomCommand command) {
    log.publish(
        Topic.ROOM_COMMANDS, command.roomId().value(), LogJson.encode(command), command.ts());
  }

  /** A part of what is to be done. */
  void work(Random random) {
    switch (random.nextInt(6)) {
      case 0 -> task.flushSome();
      case 1 -> task.commit();
      default -> task.process();
    }
  }

  /** All of it. */
  void settle() {
    do {
      while (!task.isIdle()) {
        task.process();
      }
    } while (!task.commit());
  }

  void calm() {
    faults.calm();
  }

  /** What the log tells of events since this was last asked. */
  List<EventDecided> news() {
    List<EventDecided> news = new ArrayList<>();
    List<Entry> entries = log.of(Topic.ROOM_LOG, 0);
    for (; logRead < entries.size(); logRead++) {
      byte[] value = entries.get(logRead).value();
      RoomRecord record = value == null ? null : LogJson.decode(value, RoomRecord.class);
      // What was written again after a crash has been read.
      if (record == null || !record.position().isAfter(last)) {
        continue;
      }
      last = record.position();
      reader.apply(state, record);
      if (record instanceof EventDecided event) {
        decided.put(event.eventId(), event);
        extremities = event.extremities();
        news.add(event);
      } else if (record instanceof OutlierDecided event) {
        outliers.put(event.eventId(), event);
      }
    }
    return news;
  }

  /** What other servers are to be asked since this was last asked. */
  List<RoomEffect> effects() {
    List<RoomEffect> effects = new ArrayList<>();
    List<Entry> entries = log.of(Topic.ROOM_EFFECTS, 0);
    for (; effectsRead < entries.size(); effectsRead++) {
      byte[] value = entries.get(effectsRead).value();
      if (value != null) {
        effects.add(LogJson.decode(value, RoomEffect.class));
      }
    }
    return effects;
  }

  List<EventId> extremities() {
    return extremities;
  }

  Map<EventId, EventDecided> decided() {
    return decided;
  }

  SortedMap<StateKey, EventId> currentState(RoomId room) {
    return RoomProbe.state(state, room);
  }

  SortedMap<StateKey, EventId> stateBefore(RoomId room, EventId event) {
    return RoomProbe.stateBefore(state, room, event);
  }

  /** What it serves of an event; nothing of one that it refused. */
  Optional<Pdu> serve(EventId id) {
    EventDecided event = decided.get(id);
    if (event != null) {
      return event.verdict() == Verdict.REJECTED ? Optional.empty() : Optional.of(whole(event));
    }
    return Optional.ofNullable(outliers.get(id))
        .filter(outlier -> outlier.verdict() != Verdict.REJECTED)
        .map(outlier -> whole(outlier.eventId(), outlier.roomId(), outlier.skeleton()));
  }

  Pdu whole(EventDecided event) {
    ObjectNode skeleton = event.skeleton().deepCopy();
    if (event.isMadeHere()) {
      skeleton.putObject("signatures").putObject(name.value()).put("ed25519:1", "sig");
    }
    return whole(event.eventId(), event.roomId(), skeleton);
  }

  /** With the body that was put beside the log, unless a redaction has taken it. */
  private Pdu whole(EventId id, RoomId room, ObjectNode skeleton) {
    readBodies();
    byte[] body = bodies.get(room + "|" + id);
    return new Pdu(
        id, room, body == null ? skeleton : EventSkeleton.join(skeleton, Json.parseObject(body)));
  }

  private void readBodies() {
    List<Entry> entries = log.of(Topic.ROOM_BODIES, 0);
    for (; bodiesRead < entries.size(); bodiesRead++) {
      Entry entry = entries.get(bodiesRead);
      byte[] value = entry.value();
      if (value == null) {
        bodies.remove(entry.key());
      } else {
        bodies.put(entry.key(), value);
      }
    }
  }
}
