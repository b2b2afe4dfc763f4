package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.headrace.http.Peer;

/**
 * Answers to the newest transactions, for repeats whose first answer got lost. It only saves work:
 * a transaction that is taken twice changes nothing the second time. Safe for many threads.
 */
@ApplicationScoped
public class RecentAnswers {
  static final int ANSWERS_MAX = 2_000;

  private final Map<Transaction, ObjectNode> answers =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Transaction, ObjectNode> eldest) {
          return size() > ANSWERS_MAX;
        }
      };

  /**
   * A transaction by what it is, so that an id that is used again for other content is no repeat.
   *
   * @param bodyHash of its bytes
   */
  record Transaction(Peer peer, String txnId, String bodyHash) {}

  synchronized Optional<ObjectNode> find(Transaction transaction) {
    return Optional.ofNullable(answers.get(transaction));
  }

  synchronized void keep(Transaction transaction, ObjectNode answer) {
    answers.put(transaction, answer);
  }
}
