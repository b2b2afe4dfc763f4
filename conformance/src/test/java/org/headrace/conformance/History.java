package org.headrace.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one writer was told that it had done, in the order in which it did it. */
final class History {
  /** A message that was acknowledged. */
  record Message(String room, String eventId) {}

  private final List<Message> messages = new ArrayList<>();
  private final List<Integer> toDevice = new ArrayList<>();
  private final List<String> claimed = new ArrayList<>();
  private final Map<String, List<String>> memberships = new LinkedHashMap<>();
  private int accountData;

  synchronized void sent(String room, String eventId) {
    messages.add(new Message(room, eventId));
  }

  synchronized void sentToDevice(int number) {
    toDevice.add(number);
  }

  synchronized void claimed(String key) {
    claimed.add(key);
  }

  synchronized void became(String room, String membership) {
    memberships.computeIfAbsent(room, first -> new ArrayList<>()).add(membership);
  }

  synchronized void keptAccountData() {
    accountData++;
  }

  synchronized List<String> messagesIn(String room) {
    return messages.stream()
        .filter(message -> message.room().equals(room))
        .map(Message::eventId)
        .toList();
  }

  synchronized List<Integer> toDevice() {
    return List.copyOf(toDevice);
  }

  synchronized List<String> claimed() {
    return List.copyOf(claimed);
  }

  /** What it became in a room, one after the other. */
  synchronized List<String> memberships(String room) {
    return List.copyOf(memberships.getOrDefault(room, List.of()));
  }

  /** How much of each kind, added to {@code counts}. */
  synchronized void count(Map<String, Integer> counts) {
    counts.merge("messages", messages.size(), Integer::sum);
    counts.merge("to-device messages", toDevice.size(), Integer::sum);
    counts.merge("keys", claimed.size(), Integer::sum);
    counts.merge(
        "joins and leaves", memberships.values().stream().mapToInt(List::size).sum(), Integer::sum);
    counts.merge("account data", accountData, Integer::sum);
  }
}
