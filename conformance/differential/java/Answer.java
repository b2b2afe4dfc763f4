package org.headrace.differential;

import java.util.List;

/**
 * An answer: {@code resolved;resolved;…|verdicts}.
 *
 * @param resolved per fork the sorted indexes of its state's events with commas between; {@code -}
 *     where the implementation has no such algorithm, {@code !…} where it failed
 * @param verdicts three characters an event, {@code 1} for yes, {@code 0} for no, {@code -} for not
 *     judged: is the list of auth events right, do they allow it, does the state before allow it
 */
record Answer(List<String> resolved, String verdicts) {
  static Answer parse(String line) {
    int bar = line.lastIndexOf('|');
    if (bar < 0) {
      throw new IllegalStateException("no answer: " + line);
    }
    return new Answer(List.of(line.substring(0, bar).split(";", -1)), line.substring(bar + 1));
  }
}
