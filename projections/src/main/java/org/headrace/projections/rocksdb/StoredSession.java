package org.headrace.projections.rocksdb;

/** A device's newest session; a token of another hash has ended. */
record StoredSession(String tokenHash, long createdTs) {}
