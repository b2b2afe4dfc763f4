package org.headrace.ingest.client;

/** Entropy for tokens, ids and create events; tests give their own. Safe for many threads. */
@FunctionalInterface
public interface RandomSource {
  byte[] bytes(int count);
}
