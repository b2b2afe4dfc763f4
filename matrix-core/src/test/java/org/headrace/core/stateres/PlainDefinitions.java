package org.headrace.core.stateres;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;

/** The definitions of state resolution as the specification words them, without any shortcut. */
final class PlainDefinitions {
  private final EventSource events;
  private final List<SortedMap<StateKey, EventId>> states;

  PlainDefinitions(EventSource events, List<SortedMap<StateKey, EventId>> states) {
    this.events = events;
    this.states = states;
  }

  SortedMap<StateKey, EventId> unconflicted() {
    SortedMap<StateKey, EventId> unconflicted = new TreeMap<>();
    states
        .getFirst()
        .forEach(
            (key, id) -> {
              if (states.stream().allMatch(state -> id.equals(state.get(key)))) {
                unconflicted.put(key, id);
              }
            });
    return unconflicted;
  }

  List<Collection<EventId>> conflictedByState() {
    List<Collection<EventId>> conflicted = new ArrayList<>();
    for (SortedMap<StateKey, EventId> state : states) {
      SortedMap<StateKey, EventId> rest = new TreeMap<>(state);
      rest.keySet().removeAll(unconflicted().keySet());
      conflicted.add(rest.values());
    }
    return conflicted;
  }

  SortedSet<EventId> conflictedSet() {
    SortedSet<EventId> set = new TreeSet<>();
    conflictedByState().forEach(set::addAll);
    return set;
  }

  SortedSet<EventId> authChain(EventId id) {
    SortedSet<EventId> chain = new TreeSet<>();
    addAuthChain(id, chain);
    return chain;
  }

  private void addAuthChain(EventId id, SortedSet<EventId> chain) {
    for (EventId authEvent : events.event(id).authEvents()) {
      if (chain.add(authEvent)) {
        addAuthChain(authEvent, chain);
      }
    }
  }

  SortedSet<EventId> authDifference() {
    List<SortedSet<EventId>> full = new ArrayList<>();
    for (SortedMap<StateKey, EventId> state : states) {
      SortedSet<EventId> chain = new TreeSet<>();
      // A state's own events count (ADR 6).
      chain.addAll(state.values());
      state.values().forEach(id -> chain.addAll(authChain(id)));
      full.add(chain);
    }
    SortedSet<EventId> difference = new TreeSet<>();
    full.forEach(difference::addAll);
    SortedSet<EventId> common = new TreeSet<>(full.getFirst());
    full.forEach(common::retainAll);
    difference.removeAll(common);
    return difference;
  }

  SortedSet<EventId> fullConflictedSet() {
    SortedSet<EventId> full = authDifference();
    full.addAll(conflictedSet());
    return full;
  }

  SortedSet<EventId> subgraph() {
    SortedSet<EventId> conflicted = conflictedSet();
    SortedSet<EventId> behind = new TreeSet<>(conflicted);
    conflicted.forEach(id -> behind.addAll(authChain(id)));
    SortedSet<EventId> subgraph = new TreeSet<>(conflicted);
    for (EventId id : behind) {
      if (authChain(id).stream().anyMatch(conflicted::contains)) {
        subgraph.add(id);
      }
    }
    return subgraph;
  }
}
