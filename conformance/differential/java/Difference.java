package org.headrace.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;

/**
 * One place where a peer answers otherwise.
 *
 * @param what {@code resolution}, {@code selection}, {@code auth} or {@code before}
 */
record Difference(String what, Question question, String ours, String theirs) {
  private static final List<String> VERDICTS = List.of("selection", "auth", "before");

  /** All of them, each with a question that asks for nothing else. */
  static List<Difference> between(Question question, Answer ours, Answer theirs) {
    List<Difference> differences = new ArrayList<>();
    for (int i = 0; i < ours.resolved().size(); i++) {
      String other = theirs.resolved().get(i);
      if (!other.equals("-") && !other.equals(ours.resolved().get(i))) {
        Question one = new Question(question.room(), List.of(), List.of(question.forks().get(i)));
        differences.add(new Difference("resolution", one, ours.resolved().get(i), other));
      }
    }
    for (int i = 0; i < ours.verdicts().length(); i++) {
      char other = theirs.verdicts().charAt(i);
      // What wrong auth events allow is nobody's question.
      boolean moot = i % 3 == 1 && ours.verdicts().charAt(i - 1) == '0';
      if (other != '-' && !moot && other != ours.verdicts().charAt(i)) {
        Question one =
            new Question(question.room(), List.of(question.judged().get(i / 3)), List.of());
        String our = ours.verdicts().substring(i, i + 1);
        differences.add(
            new Difference(VERDICTS.get(i % 3), one, our, String.valueOf(other)));
      }
    }
    return differences;
  }

  /** A smaller one of the same kind, as far as leaving out state entries goes. */
  Difference minimised(Peer peer) throws IOException {
    if (!what.equals("resolution")) {
      return this;
    }
    Difference smallest = this;
    boolean shrunk = true;
    while (shrunk) {
      shrunk = false;
      List<SortedMap<StateKey, EventId>> states = smallest.question.forks().getFirst();
      List<List<SortedMap<StateKey, EventId>>> candidates = new ArrayList<>();
      for (int i = 0; states.size() > 2 && i < states.size(); i++) {
        List<SortedMap<StateKey, EventId>> fewer = new ArrayList<>(states);
        fewer.remove(i);
        candidates.add(fewer);
      }
      SortedSet<StateKey> keys = new TreeSet<>();
      states.forEach(state -> keys.addAll(state.keySet()));
      keys.remove(StateKey.CREATE);
      for (StateKey key : keys) {
        candidates.add(
            states.stream()
                .<SortedMap<StateKey, EventId>>map(
                    state -> {
                      SortedMap<StateKey, EventId> less = new TreeMap<>(state);
                      less.remove(key);
                      return less;
                    })
                .toList());
      }
      for (List<SortedMap<StateKey, EventId>> candidate : candidates) {
        Optional<Difference> smaller = ask(candidate, peer);
        if (smaller.isPresent()) {
          smallest = smaller.get();
          shrunk = true;
          break;
        }
      }
    }
    return smallest;
  }

  private Optional<Difference> ask(List<SortedMap<StateKey, EventId>> states, Peer peer)
      throws IOException {
    Question smaller = new Question(question.room(), List.of(), List.of(states));
    peer.ask(smaller.line());
    return between(smaller, smaller.answer(), peer.answer()).stream().findFirst();
  }
}
