package org.headrace.core.dag;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.stateres.ResolutionTrace;

/** What one resolution did, to be read afterwards. */
public final class RecordedResolution implements ResolutionTrace {
  /** An event that was held against the state resolved so far. */
  public record Check(Phase phase, EventId event, AuthResult result) {}

  private SortedMap<StateKey, SortedSet<EventId>> conflicts = new TreeMap<>();
  private SortedSet<EventId> full = new TreeSet<>();
  private List<EventId> powerOrder = List.of();
  private SortedMap<EventId, Long> senderLevels = new TreeMap<>();
  private Optional<EventId> mainline = Optional.empty();
  private List<EventId> mainlineOrder = List.of();
  private SortedMap<EventId, Integer> mainlinePositions = new TreeMap<>();
  private final SortedMap<StateKey, List<EventId>> candidateOrders = new TreeMap<>();
  private final List<Check> checks = new ArrayList<>();
  private final SortedMap<StateKey, EventId> unconflictedWins = new TreeMap<>();

  /** The conflicted state set, by entry. */
  public SortedMap<StateKey, SortedSet<EventId>> conflicts() {
    return Collections.unmodifiableSortedMap(conflicts);
  }

  /** Empty in version 1, which has none. */
  public SortedSet<EventId> fullConflictedSet() {
    return Collections.unmodifiableSortedSet(full);
  }

  public List<EventId> powerOrder() {
    return powerOrder;
  }

  /** Power levels of the senders of power events, by event. */
  public SortedMap<EventId, Long> senderLevels() {
    return Collections.unmodifiableSortedMap(senderLevels);
  }

  /** The power levels event where the mainline begins. */
  public Optional<EventId> mainline() {
    return mainline;
  }

  public List<EventId> mainlineOrder() {
    return mainlineOrder;
  }

  /** How far back on the mainline each event joins it; the largest integer: never. */
  public SortedMap<EventId, Integer> mainlinePositions() {
    return Collections.unmodifiableSortedMap(mainlinePositions);
  }

  /** Version 1: the candidates of each entry, in order. */
  public SortedMap<StateKey, List<EventId>> candidateOrders() {
    return Collections.unmodifiableSortedMap(candidateOrders);
  }

  /** In the order in which they were made. */
  public List<Check> checks() {
    return Collections.unmodifiableList(checks);
  }

  /** Entries that the checks had set, and that fell back to what all states share. */
  public SortedMap<StateKey, EventId> unconflictedWins() {
    return Collections.unmodifiableSortedMap(unconflictedWins);
  }

  @Override
  public void conflicts(SortedMap<StateKey, SortedSet<EventId>> candidates) {
    conflicts = candidates;
  }

  @Override
  public void fullConflictedSet(SortedSet<EventId> events) {
    full = new TreeSet<>(events);
  }

  @Override
  public void powerOrder(List<EventId> events, SortedMap<EventId, Long> levels) {
    powerOrder = List.copyOf(events);
    senderLevels = new TreeMap<>(levels);
  }

  @Override
  public void mainlineOrder(
      Optional<EventId> powerLevels, List<EventId> events, SortedMap<EventId, Integer> positions) {
    mainline = powerLevels;
    mainlineOrder = List.copyOf(events);
    mainlinePositions = new TreeMap<>(positions);
  }

  @Override
  public void candidateOrder(StateKey key, List<EventId> events) {
    candidateOrders.put(key, List.copyOf(events));
  }

  @Override
  public void checked(Phase phase, EventId event, AuthResult result) {
    checks.add(new Check(phase, event, result));
  }

  @Override
  public void unconflictedWins(StateKey key, EventId event) {
    unconflictedWins.put(key, event);
  }
}
